"""Sum up a run of ingestion."""

import time
from collections import Counter
from typing import Any

from state.ingest import Failure, IngestState, Report


async def report_ingest(state: IngestState) -> dict[str, Any]:
    """Counts by outcome, and every failure with its cause."""
    outcomes = state["outcomes"]
    counts = Counter(outcome["status"] for outcome in outcomes)
    failures = [
        Failure(path=o["path"], error=o.get("error", "")) for o in outcomes if o["status"] == "failed"
    ]
    report = Report(
        added=counts["added"],
        updated=counts["updated"],
        unchanged=counts["unchanged"] + state["unchanged"],
        deleted=len(state["gone"]),
        failed=counts["failed"],
        chunks=sum(outcome["chunks"] for outcome in outcomes),
        seconds=round(time.time() - state["started"], 3),
        failures=failures,
    )
    return {"report": report}
