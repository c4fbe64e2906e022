"""Turn chunks into what search needs: vectors of the chunk and of its sentences, and term counts."""

from typing import Any

from state.ingest import DocumentState
from tools.index import index_rows


async def embed_chunks(state: DocumentState) -> dict[str, Any]:
    """The rows to store."""
    if "error" in state:
        return {}
    title = state["parsed"].title
    return {"rows": await index_rows([(title, chunk) for chunk in state["chunks"]])}
