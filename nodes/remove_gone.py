"""Remove what the sources hold no more."""

from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import IngestState
from state.postgres import collections, document_versions, files, ingest_runs

AT_A_TIME = 100


async def remove_gone(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Delete files that were found gone, some in a transaction, and versions that are kept no longer."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    async with ingest_runs.holding(collection, state["run"]):
        while removed := await files.delete_gone(identity, state["run"], AT_A_TIME):
            await ingest_runs.note(identity, state["run"], state["unchanged"], removed)
        await document_versions.expire(identity, collection)
    return {}
