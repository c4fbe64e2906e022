"""The assistant machine: cited, refused, declined, verified, withheld, recorded."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from app.local import configure, stream
from graphs.assistant import build
from state.context import Context
from state.errors import KairosError
from state.identity import Identity
from state.postgres import documents
from state.postgres.checkpoints import open_saver
from state.postgres.pool import admin
from state.settings import settings
from tests.fixtures.model_server import ModelServer, Reply
from tests.integration.test_ingest import ingest
from tools.models.catalog import catalog
from tools.models.door import close_models
from tools.passages import NOT_FOUND

PAGES = {
    "leave.md": "# Leave\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n\n"
    "Contractors have 5 days of paid leave a year.\n",
    "dogs.md": "# Dogs\n\nDogs are welcome in the Leeds office on Wednesdays.\n",
    "pay.md": "# Pay\n\nBand seven at Brook & Vale pays 61,000 a year.\n",
    "access.yaml": '- paths: ["pay.md"]\n  groups: [payroll]\n',
}
ASKER = Identity("assistant-tests", "ann", local=True)


@pytest.fixture
async def indexed(pool: object, tmp_path: Path) -> None:
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)
    assert (await ingest(tmp_path, ASKER))["failed"] == 0


@pytest.fixture
async def model(indexed: None, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    with ModelServer(Reply("unscripted")) as server:
        for name, value in {"URL": server.url, "NAME": "scripted", "KEY": "test-key"}.items():
            monkeypatch.setenv(f"KAIROS_MODEL_{name}", value)
        settings.cache_clear()
        catalog.cache_clear()
        yield server
        await close_models()
    monkeypatch.undo()
    settings.cache_clear()
    catalog.cache_clear()


async def ask(question: object, identity: Identity = ASKER, thread: str | None = None) -> dict[str, Any]:
    config = configure(identity, thread or str(uuid4()))
    state: dict[str, Any] = {}
    async for mode, event in stream(build(), {"question": question}, config, Context()):
        if mode == "values":
            state = event
    return state


async def test_an_answer_quotes_its_source(indexed: None) -> None:
    state = await ask("How many days of paid leave do employees have?")
    assert "27 days" in state["answer"]
    assert state["verdict"]["supported"]
    assert state["model"] == "extractive"
    for citation in state["citations"]:
        source = await documents.read(ASKER, citation["document_id"])
        assert source["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert citation["document"] == "leave.md"


@pytest.mark.parametrize(
    ("question", "code"),
    [
        ("", "question_empty"),
        ("  \n ", "question_empty"),
        ("x" * 1_000_000, "question_too_long"),
        ("what \x00 is\x07 this", "question_control_characters"),
        ("caf\ufffd", "question_not_utf8"),
    ],
)
async def test_what_is_no_question_is_refused(pool: object, question: str, code: str) -> None:
    state = await ask(question)
    assert state["refusal"]["code"] == code
    assert (state["route"], state["answer"]) == ("refused", state["refusal"]["sentence"])
    assert state["citations"] == []


@pytest.mark.parametrize(("question", "route"), [("hello", "small_talk"), ("hmm", "unclear")])
async def test_what_needs_no_documents(pool: object, question: str, route: str) -> None:
    state = await ask(question)
    assert state["route"] == route
    assert state["model"] == "none"


async def test_nonsense_is_declined_and_hidden_pages_are_not_told(indexed: None) -> None:
    state = await ask("Which xylophone tuning does the orchestra of Kuala Lumpur prefer?")
    assert state["answer"].startswith(NOT_FOUND)
    assert state["verdict"]["declined"]
    assert state["citations"] == []
    assert "61,000" not in str(await ask("What does band seven pay?"))
    member = Identity(ASKER.tenant, "bob", ("payroll",))
    assert "61,000" in (await ask("What does band seven pay?", member))["answer"]


async def test_a_follow_up_leans_on_the_turn_before(indexed: None) -> None:
    thread = str(uuid4())
    await ask("How many days of paid leave do employees have?", thread=thread)
    assert "5 days" in (await ask("and contractors?", thread=thread))["answer"]


async def test_a_thread_belongs_to_who_began_it(indexed: None) -> None:
    thread = str(uuid4())
    await ask("How many days of paid leave do employees have?", thread=thread)
    with pytest.raises(KairosError, match="another person") as refused:
        await ask("and contractors?", Identity(ASKER.tenant, "eve"), thread)
    assert refused.value.code == "thread_of_another"


async def test_a_model_is_asked_once_and_its_answer_recorded(model: ModelServer) -> None:
    model.script(Reply("Employees have 27 days of paid leave a year. [1]"))
    state = await ask("How many days of paid leave do employees have?")
    assert state["answer"] == "Employees have 27 days of paid leave a year. [1]"
    assert state["model"] == "scripted"
    assert len(model.calls) == 1
    async with admin() as connection:
        rows = await connection.execute("SELECT * FROM turns WHERE trace_id = %s", (state["trace_id"],))
        (row,) = await rows.fetchall()
    assert (row["tenant"], row["principal"], row["model"]) == (ASKER.tenant, "ann", "scripted")
    assert row["output_tokens"] == state["usage"]["output_tokens"] > 0
    assert row["supported"]


async def test_what_no_passage_supports_is_withheld(model: ModelServer) -> None:
    model.script(
        Reply("Employees have 27 days of paid leave a year. [1] They also get a yacht in Monaco. [1]"),
        Reply("leave days"),
        Reply("Employees have 27 days of paid leave a year. [1] They also get a yacht in Monaco. [1]"),
        Reply("holidays"),
        Reply("Employees have 27 days of paid leave a year. [1] They also get a yacht in Monaco. [1]"),
    )
    state = await ask("How many days of paid leave do employees have?")
    assert len(model.calls) == 5
    assert "27 days" in state["answer"]
    assert "yacht" not in state["answer"]
    assert "withheld" in state["answer"]
    assert not state["verdict"]["supported"]


async def test_a_failing_model_is_one_clear_error(model: ModelServer) -> None:
    model.script(Reply(status=401))
    with pytest.raises(KairosError) as failed:
        await ask("How many days of paid leave do employees have?")
    assert failed.value.code == "model_unauthorised"
    assert "test-key" not in str(failed.value)


async def test_every_step_is_a_checkpoint(indexed: None) -> None:
    thread = str(uuid4())
    await ask("How many days of paid leave do employees have?", thread=thread)
    saver = await open_saver()
    steps = [c async for c in saver.alist({"configurable": {"thread_id": thread}})]
    assert len(steps) == 9  # the input, seven nodes, and the step before the first of them
