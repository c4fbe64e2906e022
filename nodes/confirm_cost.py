"""Nothing is paid for unless somebody says so."""

from typing import Any, Literal

from langgraph.runtime import Runtime
from langgraph.types import interrupt

from state.context import Context
from state.identity import asker
from state.ingest import IngestState
from state.postgres import ingest_runs
from tools.context import sentence


async def confirm_cost(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Interrupt with the estimate; {"go_on": true} lets the run go on, any other answer ends it as cancelled."""
    cost = state["cost"]
    assert cost is not None  # noqa: S101 - the router came here for it
    answer = interrupt(
        {
            "cost": cost,
            "model": state["model"],
            "run": state["run"],
            "sentence": sentence(cost, state["model"]),
        }
    )
    agreed = isinstance(answer, dict) and answer.get("go_on") is True
    identity, run = asker(runtime), state["run"]
    to: ingest_runs.Status = "running" if agreed else "cancelled"
    await ingest_runs.set_status(identity, run, to, only_from=("paused", "running"))
    return {"status": await ingest_runs.status(identity, run)}


def after_answer(state: IngestState) -> Literal["take_files", "report_ingest"]:
    """A run that was refused changes nothing at all."""
    return "report_ingest" if state["status"] == "cancelled" else "take_files"
