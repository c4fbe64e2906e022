"""Put a document and its chunks into Postgres, in one transaction."""

import hashlib
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import DocumentState, Outcome
from state.postgres import documents
from tools.index import claim_index


async def store_document(state: DocumentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Store what was read, and say what became of the file. A database that is gone ends the run, not the file."""
    if "error" in state:
        outcome = Outcome(path=state["path"], status="failed", chunks=0, error=state["error"])
    else:
        identity = asker(runtime)
        await claim_index(identity)
        parsed, rows = state["parsed"], state["rows"]
        row = documents.DocumentRow(
            uri=state["uri"],
            path=state["path"],
            groups=tuple(state["groups"]),
            title=parsed.title,
            media_type=parsed.media_type,
            text=parsed.text,
            pages=parsed.pages,
            content_hash=hashlib.sha256(state["data"]).digest(),
        )
        status = await documents.store(identity, row, rows)
        outcome = Outcome(path=state["path"], status=status, chunks=len(rows))
    runtime.stream_writer({"event": "document", **outcome})
    return {"outcomes": [outcome]}
