"""Whatever way documents are cut: what is read, cited and shown is the document's own text, page and version."""

from uuid import uuid4

import pytest

from state.assistant import PassageData, VerifiedSentence
from state.identity import Identity
from state.postgres import documents
from state.postgres.documents import DocumentRow
from tests.fixtures import stored
from tests.fixtures.stored import document_at
from tools.chunking import STRATEGIES, count_words, cut
from tools.evidence import cite
from tools.index import claim_index, index_rows
from tools.parse.assemble import assemble
from tools.parse.document import Block, Document
from tools.rerank.rank import rerank
from tools.retrieval import find

TOPICS = ["lamp", "fog horn", "boat shed", "weather log", "kitchen", "radio mast", "tide gauge", "well pump"]
GOLD = "The spare key of the boat shed hangs behind the barometer."


def page_of(topic: str, number: int) -> list[Block]:
    said = [
        f"Before dawn on watch {n} the keeper looks after the {topic}, cleans it and notes what is worn."
        for n in range(9)
    ]
    if topic == "boat shed":
        said.insert(5, GOLD)
    return [Block("heading", topic, 3, number), Block("paragraph", " ".join(said), 0, number)]


def island(edition: int = 1) -> Document:
    """Eight pages, the fourth of them empty."""
    pages = [number + (number > 3) for number in range(1, 9)]
    blocks = [block for topic, page in zip(TOPICS, pages, strict=True) for block in page_of(topic, page)]
    return assemble("Island", "application/pdf", [Block("heading", f"Edition {edition}", 1, 1), *blocks], 9)


async def put(asker: Identity, document: Document, strategy: str) -> None:
    await claim_index()
    (rows,) = await index_rows(asker, [(document.title, await cut(document, strategy), [])])
    row = DocumentRow(
        member="",
        uri="/island.pdf",
        path="island.pdf",
        title=document.title,
        media_type=document.media_type,
        text=document.text,
        content_hash=document.text.encode(),
        page_starts=document.page_starts,
        chunking=strategy,
        chunks=rows,
    )
    await stored.put(asker, row)


async def found(asker: Identity, query: str, limit: int = 5) -> list[PassageData]:
    return await rerank(asker, query, await find(asker, query), limit)


@pytest.fixture
def asker(pool: object) -> Identity:
    return Identity(f"cut-{uuid4().hex[:8]}", "ann")


@pytest.mark.parametrize("strategy", STRATEGIES)
async def test_passages_and_citations_are_the_documents_text(asker: Identity, strategy: str) -> None:
    document = island()
    await put(asker, document, strategy)
    passages = await found(asker, "Where is the spare key of the boat shed?")
    assert GOLD in passages[0]["text"]
    for passage in passages:
        start = passage["start"]
        assert passage["text"] == document.text[start : start + len(passage["text"])]
        assert passage["page"] == max(e.page or 0 for e in document.elements if e.start <= start)
    spans = [(p["start"], p["start"] + len(p["text"])) for p in passages]
    assert len(set(spans)) == len(spans)
    said = VerifiedSentence(text=f"{GOLD} [1]", citations=[1], supported=True, score=1.0, reason="")
    (citation,) = cite([said], passages)
    assert document.text[citation["start"] : citation["end"]] == citation["quote"]
    assert citation["quote"].rstrip(".") == GOLD.rstrip(".")
    assert (citation["page"], citation["version"]) == (3, 1)


@pytest.mark.parametrize("strategy", ["sentence-window", "parent-child"])
async def test_what_is_read_is_larger_than_what_was_found(asker: Identity, strategy: str) -> None:
    document = island()
    await put(asker, document, strategy)
    passages = await found(asker, "Where is the spare key of the boat shed?")
    sizes = {chunk.read: count_words(chunk.text) for chunk in await cut(document, strategy)}
    assert all(count_words(p["text"]) > max(sizes.values()) for p in passages)
    merged = [number for passage in passages for number in passage["merged"]]
    assert merged
    assert not {*merged} & {passage["id"] for passage in passages}


async def test_a_citation_names_the_version_that_it_was_read_in(asker: Identity) -> None:
    await put(asker, island(), "parent-child")
    await put(asker, island(edition=2), "parent-child")
    (passage, *_) = await found(asker, "Where is the spare key of the boat shed?")
    assert passage["version"] == 2
    row = await documents.read(asker, await document_at(asker, "/island.pdf"), passage["version"])
    assert row["text"][passage["start"] :].startswith(passage["text"])
