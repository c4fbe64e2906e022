"""Sum up a run of ingestion."""

import time
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import Failure, IngestState, Report
from state.postgres import collections, files, ingest_runs


async def report_ingest(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Counts by outcome, and every failure with its cause, as the database has them: also after a resume."""
    identity, run = asker(runtime), state["run"]
    collection = await collections.ensure(identity, state.get("collection") or "default")
    counts = await files.outcomes(identity, run)
    failures = await files.failures(identity, run)
    await ingest_runs.set_status(identity, run, "done", only_from=("running",))
    ended = await ingest_runs.find(identity, run)
    await ingest_runs.release(collection)
    number = {outcome: count["files"] for outcome, count in counts.items()}
    report = Report(
        added=number.get("added", 0),
        updated=number.get("updated", 0),
        unchanged=number.get("unchanged", 0) + ended["unchanged"],
        deleted=ended["deleted"],
        failed=max(number.get("failed", 0), len(failures)),
        chunks=sum(counts[outcome]["chunks"] for outcome in ("added", "updated") if outcome in counts),
        seconds=round(time.time() - state["started"], 3),
        failures=[Failure(path=f["path"], code=f["code"], error=f["error"]) for f in failures],
        collection=collection.name,
        run=run,
        status=ended["status"],
    )
    return {"report": report, "status": ended["status"]}
