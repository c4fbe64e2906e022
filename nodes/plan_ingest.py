"""Find what is new, changed and gone."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import IngestState, Item, Outcome
from state.postgres import documents
from state.settings import settings
from tools import files


async def plan_ingest(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """List the files to read; unchanged ones (same bytes, same groups) are only counted."""
    started = time.time()
    identity = asker(runtime)
    groups = state.get("groups", [])
    roots = await asyncio.to_thread(_allowed, state["paths"], identity)
    found = await asyncio.to_thread(files.find, roots, groups)
    stored = {row["uri"]: row for row in await documents.list_under(identity, roots)}
    items: list[Item] = []
    outcomes: list[Outcome] = []
    unchanged = 0
    for file in found:
        old = stored.pop(file.uri, None)
        if file.error:
            outcomes.append({"path": file.path, "status": "failed", "chunks": 0, "error": file.error})
        elif old and bytes(old["content_hash"]) == file.sha256 and old["groups"] == file.groups:
            unchanged += 1
        else:
            items.append({"uri": file.uri, "path": file.path, "groups": file.groups})
    gone = _gone(stored, [file.uri for file in found if file.error]) if state.get("sync") else []
    runtime.stream_writer(
        {"event": "planned", "total": len(items), "unchanged": unchanged, "gone": len(gone)}
    )
    return {"items": items, "unchanged": unchanged, "gone": gone, "started": started, "outcomes": outcomes}


def _gone(stored: Mapping[str, dict[str, Any]], unread: Sequence[str]) -> list[int]:
    """What was stored and is not there any more; what stands in a folder that cannot be read may still be."""
    kept = tuple(f"{uri}/" for uri in unread)
    return [row["id"] for uri, row in stored.items() if not uri.startswith(kept)]


def _allowed(paths: list[str], identity: Identity) -> list[str]:
    """The absolute paths, if the asker may have them read: a server user only below the configured roots."""
    roots = [files.resolve(path) for path in paths]
    allowed = [Path(root).resolve() for root in settings().ingest_roots]
    for root in roots:
        if not identity.local and not any(root.is_relative_to(folder) for folder in allowed):
            raise KairosError(
                "ingest_path_refused", f"{root} is not below a folder that KAIROS_INGEST_ROOTS allows."
            )
    return [str(root) for root in roots]
