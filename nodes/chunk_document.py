"""Cut a document into chunks along its headings."""

import asyncio
from typing import Any

from state.ingest import DocumentState
from tools.chunk import chunk


async def chunk_document(state: DocumentState) -> dict[str, Any]:
    """The chunks of a document that could be parsed."""
    if "error" in state:
        return {}
    return {"chunks": await asyncio.to_thread(chunk, state["parsed"])}
