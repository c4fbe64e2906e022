"""The agent machine where no model is configured: it guesses, confirms what it would change, asks, and declines."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from langgraph.types import Command

from app.local import configure, stream
from graphs.agent import build
from state.context import Context
from state.identity import Identity
from state.postgres import approvals
from state.postgres.pool import Pool
from state.settings import settings
from tests.fixtures.office_tools import CLOSE, MAIL
from tests.fixtures.toolboxes import toolbox_of
from tools.builtin.calculator import CALCULATOR
from tools.models.catalog import catalog
from tools.tool import Arguments, Result, Tool

Made = list[tuple[str, dict[str, Any]]]


@pytest.fixture
async def made(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Made]:
    """The calls that had an effect."""
    calls: Made = []

    def tool(of: Any, risk: Any) -> Tool:
        async def run(arguments: Arguments, _: Identity, __: UUID) -> Result:
            calls.append((of.name, dict(arguments)))
            return Result("Done.")

        return Tool(of.name, of.description, of.parameters, run, risk, idempotent=False)

    tools = (tool(CLOSE, "write"), tool(MAIL, "outward"), CALCULATOR)
    toolbox_of(monkeypatch, lambda: tools)
    for name in ("URL", "NAME", "KEY"):
        monkeypatch.delenv(f"KAIROS_MODEL_{name}", raising=False)
    settings.cache_clear()
    catalog.cache_clear()
    yield calls
    settings.cache_clear()
    catalog.cache_clear()


async def run(asker: Identity, thread: str, given: str | Command[Any]) -> dict[str, Any]:
    task = {"question": given} if isinstance(given, str) else given
    state: dict[str, Any] = {}
    async for mode, event in stream(build(), task, configure(asker, thread), Context()):
        if mode == "values":
            state = event
    return state


async def test_a_sum_needs_nobody(us: Identity, made: Made) -> None:
    state = await run(us, str(uuid4()), "What is 17 % of 340?")
    assert state["answer"] == "builtin.calculator: 57.8"
    assert state["model"] == "extractive"
    assert [call["status"] for call in state["made"]] == ["done"]


async def test_a_guessed_write_is_confirmed_even_where_rules_would_not_ask(
    us: Identity, made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tools.acting import agents

    rules = agents.agent(agents.NAME)
    free = rules.model_copy(update={"approvals": (agents.ApprovalRule(decide="auto"),)})
    for module in ("nodes.call_model", "nodes.check_calls", "nodes.execute_calls"):
        monkeypatch.setattr(f"{module}.agent", lambda _: free)
    thread = str(uuid4())
    state = await run(us, thread, "Close ticket 451")
    ((request,),) = [one.value for one in state["__interrupt__"]]
    assert request["action_request"] == {"action": "office.close_ticket", "args": {"ticket": 451}}
    assert made == []
    assert [row["tool"] for row in await approvals.pending(us)] == ["office.close_ticket"]
    state = await run(us, thread, Command(resume={"type": "accept", "args": None}))
    assert made == [("office.close_ticket", {"ticket": 451})]
    assert state["answer"] == "office.close_ticket: Done."


async def test_what_is_missing_is_asked_for_on_the_same_thread(us: Identity, made: Made) -> None:
    thread = str(uuid4())
    state = await run(us, thread, "Send an e-mail to kim@example.org saying that I am late")
    assert state["ending"] == "asks"
    assert state["answer"] == "To use office.send_mail: what is the subject?"
    state = await run(us, thread, "Apologies")
    ((request,),) = [one.value for one in state["__interrupt__"]]
    assert request["action_request"]["args"] == {
        "to": "kim@example.org",
        "subject": "Apologies",
        "body": "I am late",
    }
    assert made == []


async def test_nothing_is_called_where_nothing_fits(us: Identity, made: Made) -> None:
    state = await run(us, str(uuid4()), "Paint the fence green")
    assert state["answer"].startswith("None of my tools fits")
    assert state["made"] == []
    assert made == []
