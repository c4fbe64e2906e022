"""Graphs in this process: the same machines as on the server, with the local profile as the asker."""

from collections.abc import AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

from langchain_core.runnables import RunnableConfig
from langgraph.graph import StateGraph

from app.users import account
from state.context import Context
from state.identity import Identity
from state.postgres.checkpoints import open_saver


def local_profile(tenant: str, groups: tuple[str, ...]) -> Identity:
    """The person at this terminal."""
    return Identity(tenant, account(), groups, local=True)


def configure(identity: Identity, thread_id: str) -> RunnableConfig:
    """The configuration of one run, with the identity where the server puts its authenticated user."""
    return {
        "configurable": {"thread_id": thread_id, "langgraph_auth_user": identity},
        "run_id": uuid4(),
        "recursion_limit": 50,
    }


async def stream(
    machine: StateGraph[Any, Any, Any, Any],
    given: Mapping[str, Any],
    config: RunnableConfig,
    context: Context | None = None,
) -> AsyncIterator[tuple[str, Any]]:
    """Run a machine, checkpointed to Postgres; yields (mode, event) as they come.

    "custom" events come from the machines inside it too, "values" are its own.
    """
    saver = await open_saver()
    graph = machine.compile(checkpointer=saver)
    events = graph.astream(
        dict(given),
        config,
        context=context or Context(),
        stream_mode=["custom", "values"],
        durability="async",
        subgraphs=True,
    )
    async for place, mode, event in events:
        if mode == "custom" or not place:
            yield mode, event
