"""What the MCP server `platform` has done: turns of the assistant, and tasks of the agent in the background."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.acting import carry_on
from app.local import configure, stream
from app.task_runs import cancel, resume, standing, start
from app.wanted import accepted, check, context_of, doubts_of, own, raise_refusal
from mcp_servers.platform.turns import Report, Turns, Wanted
from state.identity import Identity

if TYPE_CHECKING:
    from langgraph.types import Command

_ANSWER = ("answer", "citations", "route", "model", "verdict", "usage", "trace_id")
_STAGES = {
    "draft": "Checking the answer.",
    "passages": "Reading passages.",
    "candidates": "Ranking passages.",
}


def turns() -> Turns:
    """All of it, for the server."""
    return Turns(
        ask=ask,
        start=start,
        standing=standing,
        cancel=cancel,
        resume=resume,
        carry_on=carry_on,
    )


async def ask(identity: Identity, wanted: Wanted, report: Report) -> Mapping[str, Any]:
    """A governed turn, with its thread.

    Raises KairosError confirmation_needed, thread_unknown, and what the question is refused with.
    """
    from graphs.assistant import build

    check(wanted.text)
    thread = await own(identity, wanted.thread_id, task=False) if wanted.thread_id else None
    config = configure(identity, thread)
    given: dict[str, Any] | Command[Any] = {"question": wanted.text}
    state: dict[str, Any] = {}
    while True:
        async for mode, event in stream(build(), given, config, context_of(wanted)):
            if mode == "values":
                state = event
                await report(_stage(state))
        if not (doubts := doubts_of(state)):
            break
        given = accepted(wanted, doubts)
    raise_refusal(state)
    return {**{name: state[name] for name in _ANSWER}, "thread_id": config["configurable"]["thread_id"]}


def _stage(state: Mapping[str, Any]) -> str:
    """What comes next, as far as the state tells."""
    return next((said for name, said in _STAGES.items() if state.get(name)), "Understanding the question.")
