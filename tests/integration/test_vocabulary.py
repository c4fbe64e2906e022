"""The words of the corpus: exact whatever happens to documents, and told to nobody who may not see them."""

import asyncio
from uuid import uuid4

import pytest

from state.identity import Identity
from state.postgres import access_classes, files
from state.postgres.documents import DocumentRow
from state.postgres.pool import admin
from tests.fixtures.stored import chunk_row, file_at, put
from tools.index import claim_index
from tools.query.acronyms import short_forms
from tools.query.plan import plan

RULES = "Every employee notes the ventilation of the boathouse. The Quiet Hours Rule (QHR) holds at night."
SECRET = "The acquisition of Thornbury is called Operation Kingfisher (OKF)."


@pytest.fixture
async def ann(pool: object) -> Identity:
    """Somebody in a tenant of their own, so that tests do not meet."""
    await claim_index()
    return Identity(f"words-{uuid4().hex[:8]}", "ann")


def page(uri: str, text: str) -> DocumentRow:
    return DocumentRow(
        "", uri, uri[1:], "Page", "text/plain", text, text.encode(), chunks=[chunk_row(text)],
        short_forms=short_forms(text),
    )  # fmt: skip


async def mended(asker: Identity, question: str) -> str:
    return (await plan(asker, question))["standalone"]


async def other_names(asker: Identity, question: str) -> list[str]:
    return [expansion["to"] for expansion in (await plan(asker, question))["expansions"]]


async def counts_are_exact(tenant: str) -> None:
    """Each class counts its words as its documents' chunks give them."""
    async with admin() as connection:
        counted = await connection.execute(
            "SELECT w.access, w.word, w.documents AS n FROM words w JOIN access_classes a ON a.id = w.access "
            "WHERE tenant = %s ORDER BY access, word",
            (tenant,),
        )
        given = await connection.execute(
            """
            SELECT c.access, word, count(DISTINCT c.document) AS n
            FROM chunks c JOIN access_classes a ON a.id = c.access JOIN document_words d ON d.document = c.document,
                unnest(d.words) AS word
            WHERE tenant = %s GROUP BY c.access, word ORDER BY c.access, word COLLATE "C"
            """,
            (tenant,),
        )
        assert await counted.fetchall() == await given.fetchall()


async def words(tenant: str) -> dict[str, int]:
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT word, sum(documents)::integer AS n FROM words w JOIN access_classes a ON a.id = w.access "
            "WHERE tenant = %s GROUP BY word",
            (tenant,),
        )
        return {row["word"]: row["n"] for row in await rows.fetchall()}


@pytest.mark.parametrize(
    "typed", ["ventlation", "venitlation", "venttilation", "wentilation", "Ventilatiom", "boathuose"]
)
async def test_a_slip_is_mended_from_the_documents(ann: Identity, typed: str) -> None:
    await put(ann, page("/rules", RULES))
    meant = "boathouse" if "boat" in typed else "ventilation"
    found = await plan(ann, f"Which employee notes the {typed} at night?")
    assert [one["meant"] for one in found["corrections"]] == [meant]
    assert meant in found["standalone"].lower()
    assert typed.lower() in found["why"].lower()


async def test_words_follow_their_documents(ann: Identity) -> None:
    await put(ann, page("/rules", RULES))
    await put(ann, page("/more", "The ventilation is old."))
    assert (await words(ann.tenant))["ventilation"] == 2
    await put(ann, page("/more", "The chimney is old."))
    assert (await words(ann.tenant))["ventilation"] == (await words(ann.tenant))["chimney"] == 1
    await counts_are_exact(ann.tenant)
    await files.delete(ann, [(await file_at(ann, "/more"))["id"]])
    assert "chimney" not in await words(ann.tenant)
    await counts_are_exact(ann.tenant)


async def test_no_word_is_told_to_those_who_may_not_see_it(ann: Identity) -> None:
    board = Identity(ann.tenant, "bea", ("board",))
    await put(ann, page("/rules", RULES))
    await put(ann, page("/secret", SECRET), ["board"])
    question = "Which employee notes the Kingfischer at night?"
    assert await mended(ann, question) == question
    assert "Kingfisher" in await mended(board, question)
    assert await other_names(ann, "What is OKF?") == []
    assert await other_names(board, "What is OKF?") == ["operation kingfisher"]
    await access_classes.move(ann, {(await file_at(ann, "/secret"))["id"]: []})
    assert "Kingfisher" in await mended(ann, question)
    assert await other_names(ann, "What is OKF?") == ["operation kingfisher"]
    await access_classes.move(ann, {(await file_at(ann, "/secret"))["id"]: ["board"]})
    assert await mended(ann, question) == question
    assert await other_names(ann, "What is OKF?") == []
    assert await mended(Identity(f"{ann.tenant}-b", "eve", ("board",)), question) == question
    await counts_are_exact(ann.tenant)


async def test_parallel_writers_neither_deadlock_nor_miscount(ann: Identity) -> None:
    texts = [
        " ".join(f"word{'abcdefgh'[(n * step) % 8]} shared{'abcdefgh'[n % 8]}" for n in range(40))
        for step in range(8)
    ]

    async def store(number: int) -> None:
        for text in (texts[number], texts[-number]):
            await put(ann, page(f"/p{number}", text), ["even"] if number % 2 else [])

    await asyncio.gather(*(store(number) for number in range(8)))
    await counts_are_exact(ann.tenant)
    assert max((await words(ann.tenant)).values()) == 8


async def test_short_forms_widen_the_search_both_ways(ann: Identity) -> None:
    await put(ann, page("/rules", RULES))
    assert await other_names(ann, "When does the QHR hold?") == ["quiet hours rule"]
    assert await other_names(ann, "When does the quiet hours rule hold?") == ["qhr"]


@pytest.mark.parametrize(
    "question",
    [
        "",
        "the of and",
        "ventlation " * 700,
        "Wie lüftet man das Bootshaus nachts richtig?",
        "換気はいつですか",
        "😀😀 ventlation 😀",
        "ventlation'; DROP TABLE words; --",
        "a & !b | (c <-> d:*) \\ % _",
        '"ventlation" levle INV-2041',
        "x" * 8_000,
    ],
)
async def test_odd_questions_are_planned_too(ann: Identity, question: str) -> None:
    await put(ann, page("/rules", RULES))
    found = await plan(ann, question)
    assert len(found["queries"]) == 1
    if "Bootshaus" in question or question.startswith('"'):
        assert found["standalone"] == question


async def test_an_empty_index_and_an_asker_without_groups(ann: Identity) -> None:
    question = "Which employee notes the ventlation at night?"
    assert (await plan(ann, question))["why"] == "The question is clear: one search."
