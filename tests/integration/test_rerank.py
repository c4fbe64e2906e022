"""Ranking as the asker meets it: a second hop to what the first hits name, old rows, and odd questions."""

from collections.abc import Sequence
from uuid import uuid4

import pytest

from state.filters import Filters
from state.identity import Identity
from state.passages import Candidate
from state.postgres import migrate
from state.postgres.documents import DocumentRow
from state.postgres.frequencies import document_frequencies
from state.postgres.pool import admin
from state.postgres.readings import load_found
from state.postgres.titles import LONGEST_NAME, name_of, named
from tests.fixtures import stored
from tests.fixtures.stored import document_at
from tools.chunking import Chunk
from tools.embed.token_codes import CODE
from tools.index import claim_index, index_rows
from tools.rerank.interface import Question, Ranked
from tools.rerank.rank import rerank
from tools.rerank.stems import hashes, unpack_stems
from tools.retrieval import find

PAGES = {
    "Ferry timetable": "The last boat to the island is run by Calder Lines and leaves at nine.",
    "Calder Lines": "A family firm in Greenock, founded by Morag Calder in 1931.",
    "Bus timetable": "The last bus to the village leaves at ten and is run by the council.",
    "Rowing boats": "Boats may be hired by the hour at the jetty on the island.",
}
QUESTION = "Who founded the firm that runs the last boat to the island?"


async def put(asker: Identity, title: str, text: str, groups: tuple[str, ...] = ()) -> None:
    await claim_index()
    span = (0, len(text))
    (rows,) = await index_rows(asker, [(title, [Chunk(0, *span, text, (), None, span)], [])])
    row = DocumentRow("", f"/{title}", title, title, "text/plain", text, text.encode(), chunks=rows)
    await stored.put(asker, row, groups)


@pytest.fixture
async def ann(pool: object) -> Identity:
    """Somebody in a tenant of their own with four pages; the firm's is for the office only."""
    asker = Identity(f"rerank-{uuid4().hex[:8]}", "ann", ("office",))
    for title, text in PAGES.items():
        await put(asker, title, text, ("office",) if title == "Calder Lines" else ())
    return asker


async def titles(
    asker: Identity, query: str, documents: list[int] | None = None, limit: int = 200
) -> list[str]:
    only = Filters(documents=documents)
    candidates = await find(asker, query, filters=only, limit=limit)
    found = await rerank(asker, query, candidates, 10, filters=only)
    return [passage["title"] for passage in found]


async def test_a_document_that_the_first_hit_names_is_second(ann: Identity) -> None:
    assert (await titles(ann, QUESTION))[:2] == ["Ferry timetable", "Calder Lines"]


async def test_a_named_document_is_searched_for_when_the_first_search_did_not_find_it(ann: Identity) -> None:
    assert await titles(ann, "the last boat to the island", limit=1) == ["Ferry timetable", "Calder Lines"]


async def test_a_named_document_that_the_asker_may_not_see_is_never_found(ann: Identity) -> None:
    bob = Identity(ann.tenant, "bob")
    assert "Calder Lines" not in await titles(bob, QUESTION)
    assert await titles(bob, "the last boat to the island", limit=1) == ["Ferry timetable"]
    assert await named(bob, ["Calder Lines"]) == {}
    assert await named(Identity(f"{ann.tenant}-other", "eve", ("office",)), ["Calder Lines"]) == {}
    assert list((await named(ann, ["Calder Lines"])).values()) == ["Calder Lines"]


async def test_the_second_hop_stays_in_the_documents_that_are_searched(ann: Identity) -> None:
    ferry = await document_at(ann, "/Ferry timetable")
    assert await titles(ann, QUESTION, [ferry]) == ["Ferry timetable"]


async def test_a_mention_says_so(ann: Identity) -> None:
    passages = await rerank(ann, QUESTION, await find(ann, QUESTION), 10)
    why = {passage["title"]: passage["why"] for passage in passages}
    assert why["Calder Lines"]["mentions"] > 0
    assert "mentions" not in why["Bus timetable"]
    assert {"bm25", "cosine", "sentences", "tokens", "bigrams", "titles", "neighbours"} <= why[
        "Bus timetable"
    ].keys()


async def test_what_is_stored_is_what_was_indexed(ann: Identity) -> None:
    (candidate, *_) = await find(ann, "rowing boats")
    found = (await load_found(ann, [candidate["chunk"]]))[candidate["chunk"]]
    assert unpack_stems(found.stems)[:3].tolist() == hashes(["row", "boat", "boat"]).tolist()
    assert (
        len(found.token_codes) == 9 * CODE
    )  # rowing boats boats may hired hour island, and "jetty" in two pieces, no "the" or "at"
    assert found.title == "Rowing boats"


async def test_chunks_from_before_the_features_rank(ann: Identity) -> None:
    async with admin() as connection:
        await connection.execute(
            "UPDATE chunks SET token_codes = '', stems = '' WHERE access IN "
            "(SELECT id FROM access_classes WHERE tenant = %s)",
            (ann.tenant,),
        )
    assert (await titles(ann, QUESTION))[0] == "Ferry timetable"
    await put(ann, "Harbour", "The harbour master knows when the last boat to the island leaves.")
    assert {"Ferry timetable", "Harbour"} <= set(await titles(ann, QUESTION))


@pytest.mark.parametrize(
    "query",
    [
        "boat",
        "the",
        "🚢",
        "🚢 boat",
        "Wann fährt das letzte Boot?",
        "最后一班船几点开",
        "",
        "'; DROP TABLE chunks; --",
        "boat " * 5000,
    ],
)
async def test_odd_questions_rank(ann: Identity, query: str) -> None:
    assert len(await titles(ann, query)) == len(PAGES)


async def test_nobody_and_nothing_rank(ann: Identity) -> None:
    assert await rerank(ann, "boat", [], 10) == []
    assert await titles(Identity(f"{ann.tenant}-empty", "zoe"), "boat") == []
    assert await titles(ann, "boat", limit=1) == ["Rowing boats"]


async def test_candidates_that_are_gone_are_passed_over(ann: Identity) -> None:
    candidates = await find(ann, "boat")
    gone = [Candidate(chunk=-1, bm25=1.0, cosine=1.0, score=candidates[0]["score"])]
    assert await rerank(ann, "boat", gone, 10) == []


async def test_another_reranker_can_take_its_place(ann: Identity) -> None:
    async def backwards(question: Question, ranked: Sequence[Ranked]) -> list[Ranked]:
        assert question.identity == ann
        return sorted(ranked, key=lambda one: one.score)

    candidates = await find(ann, "boat")
    passages = await rerank(ann, "boat", candidates, 10, reranker=backwards)
    assert [passage["id"] for passage in passages] == [str(one["chunk"]) for one in reversed(candidates)]


async def test_terms_are_counted_in_what_the_asker_may_see(ann: Identity) -> None:
    wanted = ["boat", "firm", "zeppelin"]
    assert await document_frequencies(ann, wanted) == (4, {"boat": 2, "firm": 1})
    assert await document_frequencies(Identity(ann.tenant, "bob"), wanted) == (3, {"boat": 2})
    assert await document_frequencies(Identity("nobody-here", "eve"), wanted) == (0, {})


def test_a_name_is_the_titles_words_without_a_bracket_at_its_end() -> None:
    assert name_of("Late-May storm, 1998 (derecho)") == "Late May storm 1998"
    assert name_of("(untitled)") == name_of("") == ""
    assert len(name_of("word " * 99)) < LONGEST_NAME


async def test_documents_from_before_get_their_name_from_the_migration(ann: Identity) -> None:
    written = (
        "Late-May storm, 1998 (derecho)",
        "Müller & Söhne",
        "  spaced  out ",
        "(untitled)",
        "最后一班船",
    )
    for title in written:
        await put(ann, title, f"About {title}.")
    migration = (migrate.FOLDER / "0007_ranking.sql").read_text()
    update = migration[migration.index("UPDATE documents") : migration.index("CREATE INDEX")]
    async with admin() as connection:
        await connection.execute("UPDATE documents SET name = '' WHERE tenant = %s", (ann.tenant,))
        await connection.execute(update.encode())
        cursor = await connection.execute(
            "SELECT title, name FROM documents WHERE tenant = %s", (ann.tenant,)
        )
        names = {row["title"]: row["name"] for row in await cursor.fetchall()}
    assert names == {title: name_of(title) for title in (*PAGES, *written)}
