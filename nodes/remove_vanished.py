"""Remove documents whose files are gone."""

from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import IngestState
from state.postgres import documents


async def remove_vanished(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Delete what the plan found gone; it is empty unless the caller asked for a sync."""
    if state["gone"]:
        await documents.delete(asker(runtime), state["gone"])
    return {}
