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

    from state.postgres import agent_runs

    identity, name = await agent_runs.found(thread_id)
    return await followed(_built(name), Command(resume=DECIDED), identity, thread_id)


async def taken_up(thread_id: str) -> dict[str, Any]:
    """Go on with a run that failed or lost its process, as its asker. Raises KairosError thread_unknown."""
    from state.postgres import agent_runs

    identity, name = await agent_runs.found(thread_id)
    return await gone_on(identity, thread_id, name)


async def gone_on(identity: Identity, thread_id: str, machine: str) -> dict[str, Any]:
    """Go on from where a thread stands: where it waits for people, with what they have decided."""
    from langgraph.types import Command

    made, snapshot = await snapshot_of(identity, thread_id, machine)
    given: Command[Any] | None = Command(resume=DECIDED) if snapshot.interrupts else None
    return await followed(made, given, identity, thread_id)


async def snapshot_of(identity: Identity, thread_id: str, machine: str) -> tuple[Any, Any]:
    """The machine of a thread, and where it stands."""
    from state.postgres.checkpoints import open_saver

    made = _built(machine)
    graph = made.compile(checkpointer=await open_saver())
    return made, await graph.aget_state(configure(identity, thread_id))


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


def _built(machine: str) -> StateGraph[Any, Any, Any, Any]:
    from importlib import import_module

    made: StateGraph[Any, Any, Any, Any] = import_module(f"graphs.{machine}").build()
    return made


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
