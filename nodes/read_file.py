"""Read a file's bytes."""

from typing import Any

from state.errors import KairosError
from state.ingest import DocumentState
from tools.sources import Source, fetch


async def read_file(state: DocumentState) -> dict[str, Any]:
    """The bytes, or the reason why there are none."""
    try:
        fetched = await fetch(Source("folder", state["uri"]), state["uri"], None)
        return {"data": fetched.data if fetched else b""}
    except KairosError as error:
        return {"error": error.sentence}
