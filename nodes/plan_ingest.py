"""Find what is new, changed and gone, and put what is to be read into the run's queue."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgraph.config import get_config
from langgraph.runtime import Runtime
from tools.sources import Source

from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import IngestState
from state.postgres import access_classes, collections, files, ingest_runs
from state.postgres.collections import Collection
from state.settings import settings
from tools import sources
from tools.ingest_plan import Listed, Plan, compare

Place = tuple[
    int | None, Source, Sequence[str]
]  # number (None: a path somebody named), where, who may read it


async def plan_ingest(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Queue the files to read; those that are unchanged are only counted."""
    started = time.time()
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    places = await _places(state, identity, collection)
    run = await ingest_runs.new(identity)
    async with ingest_runs.holding(collection, run):
        await ingest_runs.start(identity, collection, run, get_config()["configurable"].get("thread_id", ""))
        if "files" in state:
            await files.requeue(identity, run, state["files"])
            total, unchanged, gone = len(state["files"]), 0, 0
        else:
            total, unchanged, gone = await _compare(identity, collection, run, places, state)
    runtime.stream_writer(
        {"event": "planned", "total": total, "unchanged": unchanged, "gone": gone, "run": run}
    )
    return {"run": run, "total": total, "unchanged": unchanged, "started": started, "status": "running"}


async def _places(state: IngestState, identity: Identity, collection: Collection) -> list[Place]:
    """The folders that a caller named, else the collection's sources; all must be allowed to the caller."""
    places: list[Place]
    if "paths" in state:
        places = [(None, Source("folder", path), state.get("groups", [])) for path in state["paths"]]
    elif "files" in state:
        return []
    else:
        rows = await collections.sources(identity, collection.name)
        places = [(r["id"], Source(r["kind"], r["location"], r["options"]), r["groups"]) for r in rows]
        if not places:
            raise KairosError(
                "sources_missing", f"The collection {collection.name!r} has no sources to read."
            )
    for _, source, _ in places:
        _allow(source, identity)
    return places


def _allow(source: Source, identity: Identity) -> None:
    """A server user reads with this machine's rights only below the configured roots."""
    means = sources.own_means(source)
    allowed = [Path(root).resolve() for root in settings().ingest_roots]
    if means is None or identity.local or any(Path(means).is_relative_to(folder) for folder in allowed):
        return
    raise KairosError(
        "ingest_path_refused", f"{means} is not below a folder that KAIROS_INGEST_ROOTS allows."
    )


async def _compare(
    identity: Identity, collection: Collection, run: int, places: Sequence[Place], state: IngestState
) -> tuple[int, int, int]:
    """Queue and mark by what is listed; returns how many files are to be read, are unchanged, and are gone."""
    known = await files.of_collection(identity, collection.id)
    listed, gone = await _list(places, known, sync=state.get("sync", False))
    named = [source.location for number, source, _ in places if number is None]
    plan = compare(listed, known, collection.recipe, named)
    await access_classes.move(identity, plan.groups_of)
    await files.queue(identity, collection.id, run, plan.read)
    await _fail_unreadable(identity, collection, run, plan)
    moved = [file for file in plan.unchanged if file in plan.groups_of]
    await files.mark(identity, moved, run, outcome="updated")
    await files.mark(identity, plan.quarantined, run)
    await files.mark(identity, gone, run, status="gone")
    unchanged = len(plan.unchanged) - len(moved)
    await ingest_runs.note(identity, run, unchanged, 0)
    await collections.visited(identity, [number for number, _, _ in places if number])
    return len(plan.read), unchanged, len(gone)


async def _list(
    places: Sequence[Place], known: Sequence[Mapping[str, Any]], *, sync: bool
) -> tuple[list[Listed], list[int]]:
    """What stands in the places, each file once, and the ids of known files that do not any more."""
    listed: dict[str, Listed] = {}
    gone: list[int] = []
    for number, source, groups in places:
        try:
            found = await sources.list_source(source, groups)
        except KairosError as error:
            if number is None:
                raise  # a person waits for this path; a source's trouble is one failure among others
            found = [sources.Found(source.location, source.location, list(groups), error=error.sentence)]
        for file in found:
            entry = Listed(file.uri, file.path, tuple(file.groups), file.stamp, number, file.error)
            listed.setdefault(file.uri, entry)
        if sync or number:
            mine = {row["uri"]: row["id"] for row in known if _belongs(row, number, source)}
            gone += [mine[uri] for uri in sources.vanished(source, found, mine)]
    return list(listed.values()), gone


def _belongs(row: Mapping[str, Any], number: int | None, source: Source) -> bool:
    """Whether a known file came from this place; a tombstone stays whatever the place says."""
    if row["status"] == "excluded" or row["source"] != number:
        return False
    root = str(Path(source.location).expanduser().resolve()) if number is None else ""
    return number is not None or row["uri"] == root or row["uri"].startswith(f"{root.rstrip('/')}/")


async def _fail_unreadable(identity: Identity, collection: Collection, run: int, plan: Plan) -> None:
    """Files that cannot even be opened become failures at once."""
    entries = [files.Planned(f.uri, f.path, f.groups, f.source) for f in plan.unreadable]
    await files.queue(identity, collection.id, run, entries)
    await files.fail_by_uri(
        identity,
        run,
        [(f.uri, "file_unreadable", f"{f.path} cannot be read: {f.error}.") for f in plan.unreadable],
    )
