"""Turn chunks into what search needs: vectors of the chunk and of its sentences, and term counts."""

from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import asker
from state.ingest import BatchState
from tools.index import index_rows


async def embed_chunks(state: BatchState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The rows to store, of the whole batch in one go; text that is stored already is not embedded again."""
    texts = [text for work in state["work"] for text in work.texts]
    rows = iter(
        await index_rows(
            asker(runtime), [(text.document.title, text.chunks, text.contexts) for text in texts]
        )
    )
    for text in texts:
        text.rows = next(rows)
    return {}
