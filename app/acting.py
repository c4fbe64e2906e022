"""Tasks of the agent in this process: begun, gone on with after an approval or a crash, always as their asker."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from app.background import begin
from app.local import configure, stream
from state.context import Context
from state.errors import KairosError
from state.identity import Identity

if TYPE_CHECKING:
    from langgraph.graph import StateGraph
    from langgraph.types import Command

DECIDED = {"type": "decided"}
"""A resume that decides nothing by itself: what people have said stands in Postgres."""


def carry_on(thread_id: str) -> None:
    """Go on in the background, as the person on whose behalf it acts."""
    begin(thread_id, carried_on(thread_id))


async def carried_on(thread_id: str) -> dict[str, Any]:
    """Go on with a run that waited for people; its state, as far as it came. Raises KairosError thread_unknown."""
    from langgraph.types import Command

    return await _taken_up(thread_id, Command(resume=DECIDED))


async def taken_up(thread_id: str) -> dict[str, Any]:
    """Go on with a run that failed or lost its process. Raises KairosError thread_unknown."""
    return await _taken_up(thread_id, None)


async def followed(
    machine: StateGraph[Any, Any, Any, Any],
    given: Mapping[str, Any] | Command[Any] | None,
    identity: Identity,
    thread_id: str,
    context: Context | None = None,
    seen: Callable[[str, Any], None] | None = None,
) -> dict[str, Any]:
    """The state in which a run ends, or waits; what it fails with is its dead letter. seen: told of every event."""
    from state.postgres import agent_runs

    state: dict[str, Any] = {}
    try:
        async for mode, event in stream(machine, given, configure(identity, thread_id), context):
            if mode == "values":
                state = event
            if seen is not None:
                seen(mode, event)
    except asyncio.CancelledError:
        with suppress(KairosError, TimeoutError):
            ended = agent_runs.mark(identity, thread_id, "failed", "It was interrupted.")
            await asyncio.wait_for(ended, 2)
        raise
    except Exception as error:
        await agent_runs.mark(identity, thread_id, "failed", str(error)[:500])
        raise
    return state


async def _taken_up(thread_id: str, given: Command[Any] | None) -> dict[str, Any]:
    from importlib import import_module

    from state.postgres import agent_runs

    identity, name = await agent_runs.found(thread_id)
    machine = import_module(f"graphs.{name}").build()
    return await followed(machine, given, identity, thread_id)


def requests(state: dict[str, Any]) -> list[dict[str, Any]]:
    """What the run asks of people now."""
    return [
        one
        for each in state.get("__interrupt__", ())
        for one in (each.value if isinstance(each.value, list) else [each.value])
    ]


def report(state: dict[str, Any], thread: str) -> dict[str, Any]:
    """What came of a task, or what it waits for."""
    keys = ("answer", "ending", "made", "model", "usage", "refusal", "trace_id")
    waiting = requests(state)
    found = {key: state.get(key) for key in keys}
    return {
        **found,
        "ending": "waiting" if waiting else found["ending"],
        "waiting": waiting,
        "thread_id": thread,
    }
