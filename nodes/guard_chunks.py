"""Look for instructions to the assistant in what will be read, before it is stored."""

from typing import Any

from state.ingest import BatchState
from tools.guard.chunks import suspected


async def guard_chunks(state: BatchState) -> dict[str, Any]:
    """The rows with what the guard makes of them, of the whole batch in one go."""
    texts = [text for work in state["work"] for text in work.texts]
    guarded = await suspected([(text.document.title, text.document.text, text.rows) for text in texts])
    for text, rows in zip(texts, guarded, strict=True):
        text.rows = rows
    return {}
