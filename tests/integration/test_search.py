"""Hybrid search as the asker meets it: by word and by meaning, only what they may see, index or scan alike."""

from collections.abc import Sequence
from uuid import uuid4

import psycopg
import pytest

from state.filters import Filters
from state.identity import Identity
from state.postgres import files, search
from state.postgres.documents import DocumentRow
from state.postgres.pool import admin, close_pool
from state.postgres.search import Mode
from tests.fixtures import stored
from tests.fixtures.stored import document_at, file_at
from tools.chunking import Chunk
from tools.index import claim_index, index_rows
from tools.rerank.rank import rerank
from tools.retrieval import find

PAGES = {
    "leave.md": "Every employee has 27 days of paid leave a year.",
    "dogs.md": "Dogs are welcome in the Leeds office on Wednesdays.",
    "vpn.md": "Form XK-77 asks for a token that opens the remote network.",
    "pay.md": "Band seven pays 61,000 a year.",
}
MODES: tuple[Mode, ...] = ("fused", "bm25", "dense")


async def put(asker: Identity, path: str, text: str, groups: tuple[str, ...] = ()) -> None:
    await claim_index()
    span = (0, len(text))
    (rows,) = await index_rows(asker, [("", [Chunk(0, *span, text, (), None, span)], [])])
    row = DocumentRow("", f"/{path}", path, "", "text/plain", text, text.encode(), chunks=rows)
    await stored.put(asker, row, groups)


@pytest.fixture
async def ann(pool: object) -> Identity:
    """Somebody in a tenant of their own with four pages, one of them for payroll only."""
    asker = Identity(f"search-{uuid4().hex[:8]}", "ann")
    for path, text in PAGES.items():
        await put(asker, path, text, ("payroll",) if path == "pay.md" else ())
    return asker


async def found(
    asker: Identity, query: str, mode: Mode = "fused", ids: Sequence[int] | None = None
) -> list[str]:
    passages = await rerank(
        asker, query, await find(asker, query, mode=mode, filters=Filters(documents=ids)), 10
    )
    return [passage["document"] for passage in passages]


@pytest.mark.parametrize(
    ("query", "best"),
    [
        ("paid leave", "leave.md"),
        ("XK-77", "vpn.md"),
        ("may I bring my puppy to work?", "dogs.md"),
        ("how long may I go on holiday", "leave.md"),
    ],
)
async def test_words_and_meaning_both_find(ann: Identity, query: str, best: str) -> None:
    assert (await found(ann, query))[0] == best


@pytest.mark.parametrize("mode", MODES)
async def test_only_what_the_asker_may_see_is_found(ann: Identity, mode: Mode) -> None:
    query = "What does band seven pay a year?"
    assert "pay.md" not in await found(ann, query, mode)
    assert (await found(Identity(ann.tenant, "bob", ("payroll", "crew")), query, mode))[0] == "pay.md"
    for stranger in (Identity(f"{ann.tenant}-other", "eve", ("payroll",)), Identity("", "eve", ("payroll",))):
        assert await found(stranger, query, mode) == []


async def test_scores_are_ordered_and_say_why(ann: Identity) -> None:
    hits = await find(ann, "days of paid leave")
    assert [hit["score"] for hit in hits] == sorted((hit["score"] for hit in hits), reverse=True)
    assert len({hit["chunk"] for hit in hits}) == len(hits) == 3
    assert hits[0]["bm25"] > 0
    assert hits[1]["bm25"] == 0
    assert -1 <= hits[-1]["cosine"] < hits[0]["cosine"] <= 1.001
    (only,) = await find(ann, "days of paid leave", limit=1)
    assert only == hits[0]


async def test_a_search_can_be_limited_to_some_documents(ann: Identity) -> None:
    ids = {f"/{path}": await document_at(ann, f"/{path}") for path in PAGES}
    for mode in MODES:
        assert await found(ann, "dogs and paid leave", mode, [ids["/leave.md"]]) == ["leave.md"]
    assert await found(ann, "band seven", ids=[ids["/pay.md"]]) == []
    assert await found(ann, "dogs", ids=[]) == []


@pytest.mark.parametrize(
    "query", ["?", "the of and", "'; DROP TABLE chunks; --", "%s {} \\ $1", "x" * 8_000, "年次休暇", "🙂"]
)
async def test_odd_queries_only_search(ann: Identity, query: str) -> None:
    assert sorted(await found(ann, query)) == ["dogs.md", "leave.md", "vpn.md"]


async def test_the_index_finds_what_a_scan_finds_among_many_hidden_ones(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        for plan in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):  # so few rows need no index
            await owner.execute(f"ALTER DATABASE {owner.info.dbname} SET {plan} = off")
    query = "How many days of paid leave are there?"
    ann, eve = Identity("t", "ann"), Identity("other", "eve")
    for path, text in PAGES.items():
        await put(ann, path, text)
    for number in range(150):
        await put(eve, f"{number}.md", f"There are {number} days of paid leave in region {number}.")
    scanned = await find(ann, query, mode="dense")
    monkeypatch.setattr(search, "EXACT_UP_TO", 0)
    indexed = await find(ann, query, mode="dense")
    assert [hit["chunk"] for hit in indexed] == [hit["chunk"] for hit in scanned]
    assert len(indexed) == 4
    assert (await found(ann, query))[0] == "leave.md"
    await close_pool()  # a connection reports what it used when it ends
    async with admin() as connection:
        rows = await connection.execute(
            "SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = 'chunks_embedding'"
        )
        assert await rows.fetchone() == {"idx_scan": 2}


async def test_a_changed_or_deleted_page_is_found_no_more(ann: Identity) -> None:
    await put(ann, "dogs.md", "Cats sleep in the Leeds office.")
    passages = await rerank(ann, "dogs in Leeds", await find(ann, "dogs in Leeds"), 10)
    assert "Dogs" not in str(passages)
    dogs = await file_at(ann, "/dogs.md")
    candidates = await find(ann, "cats in Leeds")
    await files.delete(ann, [dogs["id"]])
    # Deleted between the two steps of one turn: the others are still ranked.
    assert {p["document"] for p in await rerank(ann, "cats in Leeds", candidates, 10)} == {
        "leave.md",
        "vpn.md",
    }
    assert "dogs.md" not in await found(ann, "cats in Leeds")
