"""Cut documents into chunks, as their collection says."""

from typing import Any

from langgraph.runtime import Runtime
from tools.chunking import cut

from state.context import Context
from state.identity import asker
from state.ingest import BatchState
from state.postgres import collections


async def chunk_documents(state: BatchState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The chunks of every document."""
    if state["work"]:
        collection = await collections.ensure(asker(runtime), state["collection"])
        for text in (text for work in state["work"] for text in work.texts):
            text.chunks = await cut(text.document, collection.chunking)
    return {}
