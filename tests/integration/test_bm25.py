"""BM25 in SQL gives the scores of bm25s, for what the asker may see, and stays exact when documents change."""

from uuid import uuid4

import bm25s
import pytest

from state.identity import Identity
from state.postgres import files
from state.postgres.documents import DocumentRow
from state.postgres.search import search
from state.postgres.words import K1, B
from tests.fixtures.stored import VECTOR, chunk_row, file_at, put
from tools.analyse import terms

TEXTS = [
    "The harbour master keeps the key of the crane, and the crane has two keys.",
    "Two keys open the crane: one at the gate, one with the master.",
    "Ferries leave the harbour at seven; the last ferry returns at nine.",
    "The gate closes at nine. Ask the master for the key.",
    "Nobody may swim in the harbour while ferries turn.",
    "A crane lifts ten tonnes; two cranes lift twenty tonnes together.",
]
QUERIES = ["crane key", "when does the last ferry leave the harbour", "master master gate", "nothing known"]


def row(name: str, text: str) -> DocumentRow:
    return DocumentRow(
        "", f"bm25:/{name}", name, "", "text/plain", text, text.encode(), chunks=[chunk_row(text)]
    )


async def scores(asker: Identity, query: str) -> dict[str, float]:
    hits = await search(asker, terms(query), VECTOR, embedder="all-MiniLM-L6-v2", limit=20, mode="bm25")
    from state.postgres.readings import load_readings

    chunks = await load_readings(asker, [hit.chunk for hit in hits])
    return {chunks[hit.chunk].text: hit.bm25 for hit in hits if hit.bm25 > 0}


def reference(texts: list[str], query: str) -> dict[str, float]:
    model = bm25s.BM25(k1=K1, b=B, method="lucene")
    model.index([terms(text) for text in texts], show_progress=False)
    known = [term for term in terms(query) if term in model.vocab_dict]
    if not known:
        return {}
    found = model.get_scores(known)
    return {text: float(score) for text, score in zip(texts, found, strict=True) if score > 0}


@pytest.mark.parametrize("query", QUERIES)
async def test_scores_are_those_of_bm25s(pool: object, query: str) -> None:
    asker = Identity(f"bm25-{uuid4().hex[:8]}", "ann")
    for number, text in enumerate(TEXTS):
        await put(asker, row(str(number), text))
    assert await scores(asker, query) == pytest.approx(reference(TEXTS, query), rel=1e-4)


async def test_statistics_follow_changes_and_what_the_asker_may_see(pool: object) -> None:
    tenant = f"bm25-{uuid4().hex[:8]}"
    ann, bob = Identity(tenant, "ann"), Identity(tenant, "bob", ("crew",))
    for number, text in enumerate(TEXTS):
        await put(ann, row(str(number), text), ("crew",) if number % 2 else ())
    await put(ann, row("0", "The crane is broken, ask the master."))
    assert await files.delete(ann, [(await file_at(ann, "bm25:/2"))["id"]]) == 1
    open_texts = ["The crane is broken, ask the master.", TEXTS[4]]
    for query in QUERIES:
        assert await scores(ann, query) == pytest.approx(reference(open_texts, query), rel=1e-4)
        everything = [*open_texts, *TEXTS[1::2]]
        assert await scores(bob, query) == pytest.approx(reference(everything, query), rel=1e-4)
