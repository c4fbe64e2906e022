"""Take the next files from the run's queue, in batches."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import IngestState, Item
from state.postgres import collections, files, ingest_runs

WAVE = 512
"""Files between two checkpoints of the machine; what was stored of a wave is known to Postgres meanwhile."""
BATCH = 16
"""Files that are embedded and stored together."""


async def take_files(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The next wave, none if the run is paused, cancelled, or through."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    async with ingest_runs.holding(collection, state["run"]):
        status = await ingest_runs.status(identity, state["run"])
        rows = await files.pending(identity, state["run"], WAVE) if status == "running" else []
    return {"status": status, "batches": [list(map(_item, rows)) for rows in _batched(rows)]}


def after_taking(state: IngestState) -> Literal["read", "wait", "finish"]:
    """Read what was taken; without any, wait if the run is paused, else finish."""
    if state["batches"]:
        return "read"
    return "wait" if state["status"] == "paused" else "finish"


def _batched(rows: Sequence[Mapping[str, Any]]) -> Iterator[Sequence[Mapping[str, Any]]]:
    return (rows[first : first + BATCH] for first in range(0, len(rows), BATCH))


def _item(row: Mapping[str, Any]) -> Item:
    return Item(
        id=row["id"],
        uri=row["uri"],
        path=row["path"],
        groups=row["groups"],
        stamp=row["stamp"],
        sha256=row["sha256"],
        recipe=row["recipe"],
        kind=row["kind"],
        location=row["location"],
        options=row["options"] or {},
    )
