"""What the answering model reads: nothing twice, within a budget, cited as it stands in the document."""

from collections.abc import AsyncIterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.local import configure, stream
from graphs.assistant import build
from state.context import Context
from state.identity import Identity
from state.postgres import documents, files
from state.settings import settings
from tests.fixtures.model_server import ModelServer, Reply
from tests.fixtures.stored import file_at
from tests.integration.test_search import put as put_text
from tests.integration.test_what_is_read import GOLD, island, put
from tools.assemble.tokens import estimate_tokens
from tools.models.catalog import catalog
from tools.models.opened import close_door
from tools.passages import NOT_FOUND, parse
from tools.rerank.rank import rerank
from tools.retrieval import find

QUESTION = "Where is the spare key of the boat shed?"
COPY = "The spare key of the pump house lies under the third stone of the garden wall, as every keeper knows well."
CATALOG = """\
models:
  - name: scripted
    provider: openai
    model: scripted
    base_url: {url}
    context: {context}
"""


async def turn(asker: Identity, question: str = QUESTION, context: Context | None = None) -> dict[str, Any]:
    state: dict[str, Any] = {}
    machine, config = build(), configure(asker, str(uuid4()))
    async for mode, event in stream(machine, {"question": question}, config, context or Context()):
        if mode == "values":
            state = event
    return state


@pytest.fixture
def asker(pool: object) -> Identity:
    return Identity(f"assemble-{uuid4().hex[:8]}", "ann", local=True)


async def opens(asker: Identity, state: dict[str, Any]) -> None:
    """Every citation and passage stands in the document just where it says."""
    assert state["citations"]
    for citation in state["citations"]:
        text = (await documents.read(asker, citation["document_id"], citation["version"]))["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert citation["quote"] in state["passages"][citation["number"] - 1]["text"]
    for passage in state["passages"]:
        text = (await documents.read(asker, passage["document_id"], passage["version"]))["text"]
        assert text[passage["start"] :].startswith(passage["text"])


async def test_of_twenty_copies_one_is_read(asker: Identity) -> None:
    for number in range(20):
        await put_text(asker, f"{number:02}.md", COPY)
    await put_text(asker, "other.md", "The pump house has a red door.")
    state = await turn(asker, "Where is the spare key of the pump house?")
    assert "third stone" in state["answer"]
    (copy,) = [passage for passage in state["passages"] if passage["text"] == COPY]
    assert len(copy["also_in"]) >= 18
    assert copy["document"] not in copy["also_in"]
    await opens(asker, state)


@pytest.mark.parametrize("strategy", ["structure", "sentence-window", "parent-child"])
async def test_nothing_is_read_twice(asker: Identity, strategy: str) -> None:
    await put(asker, island(), strategy)
    state = await turn(asker)
    assert "barometer" in state["answer"]
    await opens(asker, state)
    spans = sorted((p["start"], p["start"] + len(p["text"])) for p in state["passages"])
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    (citation,) = [c for c in state["citations"] if GOLD.rstrip(".") in c["quote"]]
    assert citation["page"] == 3


async def test_a_passage_that_is_too_long_is_cut_at_the_end_of_a_sentence(asker: Identity) -> None:
    text = " ".join(f"{COPY} Rule {n} says so." for n in range(40))
    await put_text(asker, "long.md", text)
    state = await turn(asker, "Where is the spare key of the pump house?", Context(tokens=100))
    (passage,) = state["passages"]
    assert estimate_tokens(passage["text"]) <= 100
    assert passage["text"].endswith((".", "say so."))
    assert text.startswith(passage["text"])
    assert "third stone" in state["answer"]
    await opens(asker, state)


@pytest.mark.parametrize("context", [Context(passages=1), Context(passages=0), Context(tokens=1)])
async def test_at_least_one_passage_is_read(asker: Identity, context: Context) -> None:
    await put(asker, island(), "structure")
    assert len((await turn(asker, context=context))["passages"]) == 1


async def test_no_passages(asker: Identity) -> None:
    state = await turn(asker)
    assert (state["passages"], state["verdict"]["declined"]) == ([], True)
    assert state["answer"] == NOT_FOUND


async def test_a_deleted_documents_passages_are_gone(asker: Identity) -> None:
    await put_text(asker, "a.md", COPY)
    await put_text(asker, "b.md", "The pump house has a red door.")
    candidates = await find(asker, "the pump house")
    assert len(candidates) == 2
    await files.delete(asker, [(await file_at(asker, "/a.md"))["id"]])
    assert [p["document"] for p in await rerank(asker, "the pump house", candidates, 20)] == ["b.md"]


@pytest.fixture
async def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    """A scripted model with a context of 2,000 tokens."""
    with ModelServer(Reply("Nothing of this stands in the passages.")) as server:
        (tmp_path / "models.yaml").write_text(CATALOG.format(url=server.url, context=2000))
        monkeypatch.setenv("KAIROS_MODELS", str(tmp_path / "models.yaml"))
        settings.cache_clear()
        catalog.cache_clear()
        yield server
        await close_door()
    monkeypatch.undo()
    settings.cache_clear()
    catalog.cache_clear()


async def test_a_model_reads_the_best_at_both_ends_and_half_its_context(
    asker: Identity, model: ModelServer
) -> None:
    await put(asker, island(), "structure")
    state = await turn(asker)
    messages = [str(one["content"]) for call in model.calls for one in call.body["messages"]]
    read = [passages for message in messages if (passages := parse(message))][-1]
    assert len(read) >= 3
    assert sum(estimate_tokens(passage.text) for passage in read) <= 1000
    scores = [passage["score"] for passage in state["passages"]]
    assert [scores[0], scores[-1]] == sorted(scores, reverse=True)[:2]
    assert state["answer"].startswith(NOT_FOUND)
