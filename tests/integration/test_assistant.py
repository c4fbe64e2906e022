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
from tests.fixtures.scripted import scripted_model
from tests.integration.test_ingest import ingest
from tools.models.catalog import catalog
from tools.passages import NOT_FOUND
from tools.reading.said import HOPELESS

PAGES = {
    "leave.md": "# Leave\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n\n"
    "Contractors have 5 days of paid leave a year.\n",
    "dogs.md": "# Dogs\n\nDogs are welcome in the Leeds office on Wednesdays.\n",
    "pay.md": "# Pay\n\nBand seven at Brook & Vale pays 61,000 a year.\n",
    "access.yaml": '- paths: ["pay.md"]\n  groups: [payroll]\n',
}
YACHT = "Employees have 27 days of paid leave a year. [1] They also get a yacht in Monaco. [1]"
ASKER = Identity("assistant-tests", "ann", local=True)


@pytest.fixture
async def indexed(pool: object, tmp_path: Path) -> None:
    for name, text in PAGES.items():
        (tmp_path / name).write_text(text)
    assert (await ingest(tmp_path, ASKER))["failed"] == 0


@pytest.fixture
async def model(indexed: None) -> AsyncIterator[ModelServer]:
    async with scripted_model(Reply("unscripted")) as server:
        yield server


async def ask(question: object, identity: Identity = ASKER, thread: str | None = None) -> dict[str, Any]:
    config = configure(identity, thread or str(uuid4()))
    state: dict[str, Any] = {}
    async for mode, event in stream(build(), {"question": question}, config, Context()):
        if mode == "values":
            state = event
    return state


async def turn(state: dict[str, Any]) -> dict[str, Any]:
    """The one row of a turn."""
    async with admin() as connection:
        rows = await connection.execute("SELECT * FROM turns WHERE trace_id = %s", (state["trace_id"],))
        (row,) = await rows.fetchall()
    return row


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
        (b"caf\xe9".decode(errors="surrogateescape"), "question_not_utf8"),
        (bytes(range(256)).decode("latin-1"), "question_control_characters"),
        (None, "question_not_text"),
        (42, "question_not_text"),
        ({"question": "How many days?"}, "question_not_text"),
    ],
)
async def test_what_is_no_question_is_refused_and_recorded(pool: object, question: object, code: str) -> None:
    state = await ask(question)
    assert (await turn(state))["refusal"] == code
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
    row = await turn(state)
    assert (row["tenant"], row["principal"], row["model"]) == (ASKER.tenant, "ann", "scripted")
    assert row["output_tokens"] == state["usage"]["output_tokens"] > 0
    assert row["supported"]


async def test_tokens_and_cost_of_every_call_are_added_up(
    model: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = f"name: priced, provider: openai, model: m, base_url: '{model.url}', roles: [answer, rewrite]"
    (tmp_path / "models.yaml").write_text(f"models:\n- {{{entry}, input_price: 1, output_price: 100}}\n")
    for name in ("URL", "NAME", "KEY"):
        monkeypatch.delenv(f"KAIROS_MODEL_{name}")
    monkeypatch.setenv("KAIROS_MODELS", str(tmp_path / "models.yaml"))
    settings.cache_clear()
    catalog.cache_clear()
    calls = {"prompt_tokens": 1_000, "completion_tokens": 10, "total_tokens": 1_010}
    model.script(
        Reply(YACHT, usage=calls),
        Reply("leave days", usage=calls),
        Reply("Employees have 27 days of paid leave a year. [1]", usage=calls),
    )
    state = await ask("How many days of paid leave do employees have?")
    assert state["verdict"]["supported"]
    assert len(model.calls) == 3
    assert state["usage"]["input_tokens"] == 3_000
    assert state["usage"]["output_tokens"] == 30
    assert state["usage"]["cost"] == pytest.approx(0.003 + 0.003)
    row = await turn(state)
    assert (row["input_tokens"], row["output_tokens"], row["queries"]) == (3_000, 30, 2)
    assert row["cost"] == pytest.approx(0.006)


async def test_a_turn_that_is_run_again_is_recorded_once(indexed: None) -> None:
    config = configure(ASKER, str(uuid4()))
    for _ in range(2):
        async for _, event in stream(build(), {"question": "How many days of paid leave?"}, config):
            state = event
    assert state["trace_id"] == str(config["run_id"])
    assert (await turn(state))["thread_id"] == config["configurable"]["thread_id"]


async def test_a_better_query_may_find_what_the_first_did_not(model: ModelServer) -> None:
    dogs = Reply("Dogs are welcome on Wednesdays. [1]")
    model.script(Reply("pets"), Reply(NOT_FOUND), Reply("dogs in the office"), dogs)
    state = await ask("Can I bring my poodle?")
    assert state["answer"] == "Dogs are welcome on Wednesdays. [1]"
    assert state["verdict"]["supported"]
    assert state["queries"] == ["Can I bring my poodle?", "dogs in the office"]
    assert state["citations"][0]["document"] == "dogs.md"


async def test_the_same_query_again_ends_the_search(model: ModelServer) -> None:
    model.script(Reply("pets"), Reply(NOT_FOUND), Reply("Can I bring my poodle?"), Reply("never asked"))
    state = await ask("Can I bring my poodle?")
    assert len(model.calls) == 3
    assert state["answer"].startswith(NOT_FOUND)
    assert state["verdict"]["declined"]


async def test_the_model_sees_only_what_the_asker_may_see(model: ModelServer) -> None:
    model.script(*map(Reply, [NOT_FOUND, "pay of employees", NOT_FOUND, "salary of employees", NOT_FOUND]))
    await ask("How many days of paid leave and what pay do employees of band seven have?")
    assert len(model.calls) == 5
    assert not any("61,000" in str(call.body) for call in model.calls)


async def test_what_is_hopeless_costs_no_answer(model: ModelServer) -> None:
    model.script(Reply("pay of band seven"), Reply("band 7 salary"), Reply("61,000, or so I guess."))
    state = await ask("What does band seven pay?")
    assert state["verdict"]["declined"]
    assert state["answerable"] < HOPELESS
    assert state["model"] == "none"
    assert state["answer"].startswith(NOT_FOUND)
    assert not any("<passage" in str(call.body) for call in model.calls)


async def test_without_a_model_little_evidence_is_searched_for_once_more(indexed: None) -> None:
    state = await ask("May my poodle come along?")
    assert state["queries"][1].startswith("May my poodle come along? dogs")
    assert state["plan"]["queries"][0]["reason"] == "the passages did not answer"
    assert state["verdict"]["declined"]


async def test_a_turn_that_failed_does_not_stop_the_next_one(model: ModelServer) -> None:
    thread = str(uuid4())
    model.script(Reply(status=401))
    with pytest.raises(KairosError):
        await ask("How many days of paid leave do employees have?", thread=thread)
    model.script(Reply("Contractors have 5 days of paid leave a year. [1]"))
    state = await ask("How many days of paid leave do contractors have?", thread=thread)
    assert "5 days" in state["answer"]
    assert [message.type for message in state["messages"]] == ["human", "ai"]


async def test_a_model_that_is_not_there_is_one_clear_error(indexed: None) -> None:
    config = configure(ASKER, str(uuid4()))
    with pytest.raises(KairosError, match="no model 'nobody'") as unknown:
        async for _ in stream(build(), {"question": "How many days?"}, config, Context(model="nobody")):
            pass
    assert unknown.value.code == "model_unknown"


async def test_a_conversation_holds_its_turns_with_their_citations(indexed: None) -> None:
    thread = str(uuid4())
    await ask("How many days of paid leave do employees have?", thread=thread)
    await ask("\x00", thread=thread)
    state = await ask("thanks", thread=thread)
    assert [message.type for message in state["messages"]] == ["human", "ai"] * 2
    assert state["messages"][1].additional_kwargs["citations"][0]["document"] == "leave.md"
    assert state["citations"] == state["passages"] == []
    assert state["usage"] == {"input_tokens": 0, "output_tokens": 0, "cost": 0.0}


async def test_what_no_passage_supports_is_withheld(model: ModelServer) -> None:
    model.script(
        Reply(YACHT),
        Reply("leave days"),
        Reply(YACHT),
        Reply("holidays"),
        Reply(YACHT),
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
    assert len(steps) == 11  # the input, nine nodes, and the step before the first of them
