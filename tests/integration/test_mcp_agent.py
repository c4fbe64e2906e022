"""The agent machine with a tool of a server: a model that calls it, a person who approves, and what is seen of it."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from langgraph.types import Command
from typer.testing import CliRunner

from app.cli import cli
from app.local import configure, stream
from graphs.agent import build
from state.context import Context
from state.errors import KairosError
from state.identity import Identity
from state.inbox import Answer
from state.postgres import approvals, tool_calls
from state.postgres.pool import Pool, admin
from state.postgres.tool_calls import Intent
from state.settings import settings
from tests.fixtures.mcp_served import called, hostile, text
from tests.fixtures.model_server import ModelServer, Reply
from tools.acting.answering import answer
from tools.builtin.settings import chosen
from tools.mcp.pool import close_sessions
from tools.models.catalog import catalog
from tools.models.opened import close_door


@pytest.fixture
async def model(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    command = {"command": sys.executable, "args": ["-m", "tests.fixtures.mcp_server", "stdio"]}
    file = tmp_path / "tools.yaml"
    risks = {"wait": "read", "rows": "read"}
    desk = {**command, "resources": True, "elicitation": True, "risks": risks}
    file.write_text(json.dumps({"servers": {"desk": desk}}))
    monkeypatch.setenv("KAIROS_TOOLS", str(file))
    with ModelServer() as server:
        for name, value in {"URL": server.url, "NAME": "scripted", "KEY": "test-key"}.items():
            monkeypatch.setenv(f"KAIROS_MODEL_{name}", value)
        _forget()
        yield server
        await close_sessions()
        await close_door()
    monkeypatch.undo()
    _forget()


def _forget() -> None:
    settings.cache_clear()
    catalog.cache_clear()
    chosen.cache_clear()


async def _run(us: Identity, thread: str, given: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    state: dict[str, Any] = {}
    told = []
    async for mode, event in stream(build(), given, configure(us, thread), Context()):
        if mode == "values":
            state = event
        elif mode == "custom":
            told.append(event)
    return state, told


async def test_a_tool_of_a_server_is_called_and_seen(us: Identity, model: ModelServer) -> None:
    model.script(Reply("", calls=[("desk.wait", {"seconds": 0.8})]), Reply("It took a while."))
    state, told = await _run(us, str(uuid4()), {"question": "Wait for a while."})
    assert state["answer"] == "It took a while."
    assert [(call["tool"], call["status"]) for call in state["made"]] == [("desk.wait", "done")]
    running = [event for event in told if event.get("state") == "running"]
    assert running
    assert all(event["total"] == 10.0 for event in running)
    shown = model.calls[-1].body["messages"][-1]["content"]
    assert "<untrusted-" in shown
    assert "desk__wait" in {tool["function"]["name"] for tool in model.calls[0].body["tools"]}


async def test_what_is_read_in_files_is_taken_for_what_the_server_says(
    us: Identity, model: ModelServer
) -> None:
    uris = ["file:///telescopes.pdf", "file:///notice.html", "https://evil.example/?a=b"]
    reads = [Reply("", calls=[("desk.read_resource", {"uri": uri})]) for uri in uris]
    model.script(Reply("", calls=[("desk.list_resources", {})]), *reads, Reply("Everybody may."))
    state, _ = await _run(us, str(uuid4()), {"question": "Who may borrow a telescope?"})
    assert [call["status"] for call in state["made"]] == ["done", "done", "done", "failed"]
    listed, pdf, notice, web = (call["result"] for call in state["made"])
    assert uris[0] in listed
    assert "may borrow one telescope" in pdf
    assert "withheld" in notice
    assert "evil.example" not in notice
    assert "of the web only what it lists is read" in web
    shown = [one["content"] for one in model.calls[-1].body["messages"] if one["role"] == "tool"]
    assert all("<untrusted-" in one for one in shown[:2])


async def test_what_writes_waits_and_is_then_done_with_its_key(us: Identity, model: ModelServer) -> None:
    model.script(Reply("", calls=[("desk.note", {"text": "milk"})]), Reply("Noted."))
    thread = str(uuid4())
    await _run(us, thread, {"question": "Note: milk"})
    (row,) = await approvals.pending(us)
    assert row["tool"] == "desk.note"
    await answer(us, row["id"], "edit", {"text": "oat milk"})
    state, _ = await _run(us, thread, Command(resume={"type": "decided"}))
    assert [(call["tool"], call["status"], call["arguments"]) for call in state["made"]] == [
        ("desk.note", "done", {"text": "oat milk"})
    ]


async def _asking(us: Identity, model: ModelServer) -> tuple[str, dict[str, Any]]:
    """A task whose tool asks for a day: its thread, and what stands there for its asker."""
    model.script(Reply("", calls=[("desk.book", {})]), Reply("That is that."))
    thread = str(uuid4())
    await _run(us, thread, {"question": "Book a room."})
    (row,) = await approvals.pending(us)
    await answer(us, row["id"], "accept", None)
    state, _ = await _run(us, thread, Command(resume={"type": "decided"}))
    assert "__interrupt__" in state, state["made"][0]["result"]
    (request,) = state["__interrupt__"][0].value
    assert "> Which day?" in request["description"]
    assert request["config"]["allow_edit"]
    (row,) = await approvals.pending(us)
    assert list(row["form"]["properties"]) == ["day"]
    assert await approvals.pending(Identity(us.tenant, "boss", ("bosses", "finance"))) == []
    return thread, row


async def test_what_a_tool_asks_is_answered_by_its_asker(us: Identity, model: ModelServer) -> None:
    thread, row = await _asking(us, model)
    wrong: list[tuple[Answer, Any]] = [
        ("accept", None),
        ("edit", {"day": 5}),
        ("edit", {"day": "No", "n": 1}),
    ]
    for kind, given in wrong:
        with pytest.raises(KairosError) as caught:
            await answer(us, row["id"], kind, given)
        assert caught.value.code == "edit_invalid"
    await answer(us, row["id"], "edit", {"day": "Monday"})
    state, _ = await _run(us, thread, Command(resume={"type": "decided"}))
    assert [(call["tool"], call["status"], call["result"]) for call in state["made"]] == [
        ("desk.book", "done", "Booked: Monday")
    ]
    (call,) = await tool_calls.of_thread(us, thread)
    assert (call["status"], call["arguments"]) == ("done", {})


async def test_what_is_not_answered_is_not_called_again(us: Identity, model: ModelServer) -> None:
    thread, _ = await _asking(us, model)
    said = {"type": "response", "args": "I do not know yet."}
    state, _ = await _run(us, thread, Command(resume=said))
    assert [call["status"] for call in state["made"]] == ["refused"]
    assert "did not answer it. They say: I do not know yet." in state["made"][0]["result"]


async def test_a_question_is_answered_at_the_terminal(
    us: Identity, model: ModelServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import asyncio

    thread, row = await _asking(us, model)
    monkeypatch.setattr("app.local.account", lambda: us.principal)
    shown = ["approvals", "show", str(row["id"]), "--tenant", us.tenant]
    assert "Which day?" in (await asyncio.to_thread(CliRunner().invoke, cli, shown)).output
    said = ["approvals", "answer", str(row["id"]), "day=Monday", "--tenant", us.tenant, "--json"]
    found = await asyncio.to_thread(CliRunner().invoke, cli, said)
    assert found.exit_code == 0, found.output
    task = json.loads(found.output.splitlines()[-1])["task"]
    assert (task["thread_id"], task["made"][0]["result"]) == (thread, "Booked: Monday")


async def _held(us: Identity) -> None:
    """The server's note says something else than what was accepted."""
    async with admin() as connection:
        await connection.execute(
            "UPDATE pinned_tools SET sha256 = 'other' WHERE tenant = %s AND tool = 'desk.note'", (us.tenant,)
        )


async def test_what_is_held_meanwhile_is_not_done(us: Identity, model: ModelServer) -> None:
    model.script(Reply("", calls=[("desk.note", {"text": "milk"})]), Reply("It is gone."))
    thread = str(uuid4())
    await _run(us, thread, {"question": "Note: milk"})
    (row,) = await approvals.pending(us)
    await answer(us, row["id"], "accept", None)
    await _held(us)
    state, _ = await _run(us, thread, Command(resume={"type": "decided"}))
    assert [(call["tool"], call["status"]) for call in state["made"]] == [("desk.note", "failed")]
    assert "There is no tool desk.note any more" in state["made"][0]["result"]


async def test_what_is_held_after_a_crash_is_put_before_a_person(us: Identity, model: ModelServer) -> None:
    model.script(Reply("", calls=[("desk.note", {"text": "milk"})]), Reply("Left alone."))
    thread = str(uuid4())
    await _run(us, thread, {"question": "Note: milk"})
    (row,) = await approvals.pending(us)
    await answer(us, row["id"], "accept", None)
    await tool_calls.intend(us, Intent(row["id"], thread, "desk.note", "write", {"text": "milk"}))
    await _held(us)
    await _run(us, thread, Command(resume={"type": "decided"}))
    (again,) = await approvals.pending(us)
    assert again["id"] != row["id"]
    assert "not known whether this call had its effect" in again["description"]


async def test_a_server_that_may_is_answered_by_our_model(us: Identity, model: ModelServer) -> None:
    model.script(Reply("Hello there."))
    given = await called(hostile("modern", sampling=True), "samples", by=us)
    assert "Hello there." in text(given)
    assert [message["content"] for message in model.calls[-1].body["messages"]] == ["Say hello."]
    model.script(Reply("", status=500))
    with pytest.raises(KairosError) as caught:
        await called(hostile("modern", sampling=True), "samples", by=us)
    assert caught.value.code == "tool_failed"


async def test_the_terminal_shows_and_accepts(model: ModelServer, home: Path) -> None:
    import asyncio

    def said(*words: str) -> Any:
        found = CliRunner().invoke(cli, [*words, "--tenant", tenant])
        assert found.exit_code == 0, found.output
        return found.output

    tenant = f"tenant-{uuid4().hex}"
    assert "No server was reached yet." in await asyncio.to_thread(said, "tools", "pins")
    found = json.loads((await asyncio.to_thread(said, "tools", "pins", "--look", "--json")).splitlines()[-1])
    assert {"desk.add", "desk.note"} <= {row["tool"] for row in found["tools"]}
    assert not [row for row in found["tools"] if row["reason"]]
    there = json.loads((await asyncio.to_thread(said, "tools", "servers", "--json")).splitlines()[-1])
    assert [(row["server"], row["transport"], row["problem"]) for row in there["servers"]] == [
        ("desk", "stdio", "")
    ]
    assert "desk.add" in await asyncio.to_thread(said, "tools", "list", "--json")
    sum_ = ("tools", "call", "desk.add", '{"a": 2, "b": 3}', "--json")
    assert json.loads((await asyncio.to_thread(said, *sum_)).splitlines()[-1])["structured"] == {"total": 5}
    refused = await asyncio.to_thread(
        CliRunner().invoke, cli, ["tools", "accept", "desk.add", "--tenant", tenant]
    )
    assert refused.exit_code == 1
    from state.postgres import pinned_tools
    from state.postgres.pinned_tools import Seen

    hidden = Seen(
        "desk.add", "abc123", {"name": "add", "description": "Add.\u200b"}, "it holds hidden characters"
    )
    await pinned_tools.hold(Identity(tenant, "ann"), [hidden])
    shown = await asyncio.to_thread(said, "tools", "pins")
    assert "it holds hidden characters" in shown
    assert "Add.\\u200b" in shown
    assert "Add.\\u200b" in await asyncio.to_thread(said, "tools", "accept", "desk.add", "--hash", "abc")
