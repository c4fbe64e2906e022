"""Put a document and its chunks into Postgres, in one transaction."""

import hashlib
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import DocumentState, Outcome
from state.postgres import documents
from tools.index import claim_index


async def store_document(state: DocumentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Store what was read, and say what became of the file. A database that is gone ends the run, not the file."""
    if "error" in state:
        outcome = _failed(state, state["error"])
    else:
        outcome = await _store(state, asker(runtime))
    runtime.stream_writer({"event": "document", **outcome})
    return {"outcomes": [outcome]}


async def _store(state: DocumentState, identity: Identity) -> Outcome:
    await claim_index()
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
    try:
        status = await documents.store(identity, row, rows)
    except KairosError as error:
        if error.code != "document_refused":
            raise
        return _failed(state, error.sentence)
    return Outcome(path=state["path"], status=status, chunks=len(rows))


def _failed(state: DocumentState, cause: str) -> Outcome:
    return Outcome(path=state["path"], status="failed", chunks=0, error=cause)
