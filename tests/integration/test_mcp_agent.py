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
from state.identity import Identity
from state.postgres import approvals
from state.postgres.pool import Pool
from state.settings import settings
from tests.fixtures.model_server import ModelServer, Reply
from tools.acting.answering import answer
from tools.mcp import declared
from tools.mcp.pool import close_sessions
from tools.models.catalog import catalog
from tools.models.opened import close_door


@pytest.fixture
async def model(pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[ModelServer]:
    command = {"command": sys.executable, "args": ["-m", "tests.fixtures.mcp_server", "stdio"]}
    file = tmp_path / "tools.yaml"
    file.write_text(json.dumps({"servers": {"desk": {**command, "risks": {"wait": "read", "rows": "read"}}}}))
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
    declared.servers.cache_clear()


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
