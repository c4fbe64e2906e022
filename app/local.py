"""Graphs in this process: the same machines as on the server, with the local profile as the asker."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.users import account
from state.context import Context
from state.errors import KairosError
from state.identity import Identity

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.graph import StateGraph
    from langgraph.types import Command


def local_profile(tenant: str, groups: tuple[str, ...]) -> Identity:
    """The person at this terminal."""
    return Identity(tenant, account(), groups, local=True)


def configure(identity: Identity, thread_id: str | None = None) -> RunnableConfig:
    """The configuration of one run, with the identity where the server puts its authenticated user."""
    return {
        "configurable": {"thread_id": thread_id or str(uuid4()), "langgraph_auth_user": identity},
        "run_id": uuid4(),
        "recursion_limit": 50,
    }


@asynccontextmanager
async def opening() -> AsyncIterator[None]:
    """Open the database, and start its server if need be, while what stands within is imported."""
    from state.postgres.pool import open_pool

    task = asyncio.create_task(open_pool())
    await asyncio.sleep(0)  # far enough for the server to be starting beside this thread
    yield
    await task


async def stream(
    machine: StateGraph[Any, Any, Any, Any],
    given: Mapping[str, Any] | Command[Any] | None,
    config: RunnableConfig,
    context: Context | None = None,
) -> AsyncIterator[tuple[str, Any]]:
    """Run a machine, checkpointed to Postgres, or go on with it if nothing is given; yields (mode, event).

    "custom" events come from the machines inside it too, "values" are its own.
    """
    from langgraph.types import Command

    from state.postgres.checkpoints import open_saver

    saver = await open_saver()
    graph = machine.compile(checkpointer=saver)
    events = graph.astream(
        given if given is None or isinstance(given, Command) else dict(given),
        config,
        context=context or Context(),
        stream_mode=["custom", "values"],
        durability="async",
        subgraphs=True,
    )
    async for place, mode, event in events:
        if mode == "custom" or not place:
            yield mode, event


async def question_of(
    machine: StateGraph[Any, Any, Any, Any], config: RunnableConfig
) -> dict[str, Any] | None:
    """What the interrupt says at which a thread's run stands, None if it stands at none.

    Raises KairosError thread_unknown if it never began.
    """
    from state.postgres.checkpoints import open_saver

    graph = machine.compile(checkpointer=await open_saver())
    snapshot = await graph.aget_state(config)
    if not snapshot.values:
        raise KairosError("thread_unknown", "This run left nothing to go on from; start it again.")
    return dict(snapshot.interrupts[0].value) if snapshot.interrupts else None
