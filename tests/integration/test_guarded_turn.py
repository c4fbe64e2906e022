"""A whole governed turn: what the guards withhold comes out nowhere, in no stream, state or answer."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from openai import AsyncOpenAI

from app.local import configure
from graphs.assistant import build
from state.context import Context
from state.identity import Identity
from tests.fixtures.gateway import deployment, endpoint, key_of
from tests.fixtures.guarding import policy_of, put_in_force
from tests.fixtures.model_server import ModelServer, Reply
from tests.integration.test_ingest import ingest

KEY = "ghp_x9K2mQ7vT4bN8cR1wZ5sL3jH6dF0gY2pA4eU"
ANSWER = (
    f"Employees have 27 days of paid leave a year. [1] The key is {KEY}. [1] They may carry over five. [1]"
)
QUESTION = "How many days of paid leave do employees have?"
PAGE = "# Leave\n\nEvery employee has 27 days of paid leave a year.\n\nFive days may be carried over.\n"
SECRETS: dict[str, Any] = {"check": "secrets", "on": ["output"]}


@pytest.fixture
async def url(pool: object, us: Identity, first: ModelServer, tmp_path: Path) -> AsyncIterator[str]:
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "leave.md").write_text(PAGE)
    asker = Identity(us.tenant, us.principal, local=True)
    assert (await ingest(folder, asker))["failed"] == 0
    with pytest.MonkeyPatch.context() as patch:
        async with endpoint([deployment("first", first)], tmp_path, patch) as address:
            yield address


async def turn(us: Identity, question: str) -> list[tuple[str, Any]]:
    """Everything that a client of the server may follow."""
    graph = build().compile(InMemorySaver())
    modes: Any = ["messages", "updates", "values", "checkpoints"]
    config = configure(us, str(uuid4()))
    given = graph.astream({"question": question}, config, context=Context(), stream_mode=modes)
    return [(str(mode), event) async for mode, event in given]


@pytest.mark.parametrize("action", ["redact", "refuse"])
async def test_no_stream_and_no_state_holds_what_is_withheld(
    url: str, us: Identity, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS | {"action": action}))
    events = await turn(us, QUESTION)
    said = "".join(str(event[0].text) for mode, event in events if mode == "messages")
    assert "27 days" in said
    assert ("Stopped" if action == "refuse" else "withheld") in said
    assert any("27 days" in event.get("answer", "") for mode, event in events if mode == "values")
    assert KEY[4:12] not in repr(events)


async def test_the_assistant_behind_v1(
    url: str, us: Identity, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in_force(monkeypatch, policy_of(SECRETS | {"action": "redact"}))
    asked: Any = [{"role": "user", "content": QUESTION}]
    async with AsyncOpenAI(base_url=url, api_key=await key_of(us), max_retries=0) as client:
        whole = await client.chat.completions.create(model="kairos/assistant", messages=asked)
        pieces = await client.chat.completions.create(model="kairos/assistant", messages=asked, stream=True)
        chunks = [chunk.model_dump_json() async for chunk in pieces]
    assert "27 days" in (whole.choices[0].message.content or "")
    assert KEY[4:12] not in whole.model_dump_json() + "".join(chunks)


async def test_models_outside_see_placeholders_in_passages(
    url: str, us: Identity, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = "ann.miller@example.org"
    rule = {"check": "personal_data", "on": ["input"], "action": "redact", "options": {"types": ["EMAIL"]}}
    put_in_force(monkeypatch, policy_of(rule))
    first.script(Reply("[EMAIL_1] has 27 days of paid leave a year. [1]"))
    events = await turn(us, f"How many days of paid leave does the employee {mail} have?")
    assert mail not in repr([call.body for call in first.calls])
    assert any("[EMAIL_1]" in repr(call.body) for call in first.calls)
    assert mail in "".join(str(piece[0].text) for mode, piece in events if mode == "messages")
