"""Find what is new, changed and gone."""

import asyncio
import hashlib
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import IngestState, Item, Outcome
from state.postgres import documents
from state.settings import settings
from tools.sources import Found, Source, folder, vanished


async def plan_ingest(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """List the files to read; unchanged ones (same bytes, same groups) are only counted."""
    started = time.time()
    identity = asker(runtime)
    groups = state.get("groups", [])
    roots = await asyncio.to_thread(_allowed, state["paths"], identity)
    found = await asyncio.to_thread(folder.find, roots, groups)
    stored = {row["uri"]: row for row in await documents.list_under(identity, roots)}
    same = await asyncio.to_thread(_unchanged, found, stored)
    items: list[Item] = [
        {"uri": file.uri, "path": file.path, "groups": file.groups}
        for file in found
        if not file.error and file.uri not in same
    ]
    outcomes: list[Outcome] = [
        {"path": file.path, "status": "failed", "chunks": 0, "error": file.error}
        for file in found
        if file.error
    ]
    gone = _gone(roots, found, stored) if state.get("sync") else []
    runtime.stream_writer(
        {"event": "planned", "total": len(items), "unchanged": len(same), "gone": len(gone)}
    )
    return {"items": items, "unchanged": len(same), "gone": gone, "started": started, "outcomes": outcomes}


def _unchanged(found: list[Found], stored: Mapping[str, dict[str, Any]]) -> set[str]:
    """The uris of files with the bytes and groups that are stored."""
    return {
        file.uri
        for file in found
        if (old := stored.get(file.uri))
        and old["groups"] == file.groups
        and _sha256(file) == bytes(old["content_hash"])
    }


def _sha256(file: Found) -> bytes | None:
    if file.error:
        return None
    try:
        fetched = folder.read(file.uri, file.uri)
    except KairosError:
        return None  # reading it again will name the failure
    return hashlib.sha256(fetched.data).digest() if fetched else None


def _gone(roots: list[str], found: list[Found], stored: Mapping[str, dict[str, Any]]) -> list[int]:
    """What was stored and is not there any more; what stands in a folder that cannot be read may still be."""
    gone: set[str] = set()
    for root in roots:
        below = [uri for uri in stored if uri == root or uri.startswith(f"{root}/")]
        gone.update(vanished(Source("folder", root), found, below))
    return [stored[uri]["id"] for uri in gone]


def _allowed(paths: list[str], identity: Identity) -> list[str]:
    """The absolute paths, if the asker may have them read: a server user only below the configured roots."""
    roots = [folder.resolve(path) for path in paths]
    allowed = [Path(root).resolve() for root in settings().ingest_roots]
    for root in roots:
        if not identity.local and not any(root.is_relative_to(parent) for parent in allowed):
            raise KairosError(
                "ingest_path_refused", f"{root} is not below a folder that KAIROS_INGEST_ROOTS allows."
            )
    return [str(root) for root in roots]
