"""A paused run waits here until somebody resumes it."""

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from state.context import Context
from state.identity import asker
from state.ingest import IngestState
from state.postgres import ingest_runs


async def wait_resume(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Interrupt; any answer lets the run go on, unless it was cancelled meanwhile."""
    interrupt({"paused": state["run"], "sentence": f"Ingest run {state['run']} is paused."})
    await ingest_runs.set_status(asker(runtime), state["run"], "running", only_from=("paused",))
    return {}
