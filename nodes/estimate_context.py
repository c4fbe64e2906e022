"""Say what describing chunks by a model would cost, before anything starts."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import IngestState
from state.postgres import collections, files, ingest_runs
from tools.context import estimate
from tools.file_sizes import with_sizes
from tools.models.catalog import choose, serves


async def estimate_context(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The estimate, if the collection wants context, a model serves it, and there is something to read."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    if not (collection.contextual and state["total"] and await asyncio.to_thread(serves, "context")):
        return {"cost": None}
    async with ingest_runs.holding(collection, state["run"]):
        sized = await asyncio.to_thread(with_sizes, await files.sizes(identity, state["run"]))
        entry = await asyncio.to_thread(choose, "context")
        # Paused while a person is asked: that is how `kairos runs list` shows it.
        await ingest_runs.set_status(identity, state["run"], "paused", only_from=("running",))
    return {"cost": estimate(sized, entry), "model": entry.name}


def after_estimate(state: IngestState) -> Literal["confirm_cost", "take_files"]:
    """Ask only if there is something to pay."""
    return "confirm_cost" if state["cost"] else "take_files"
