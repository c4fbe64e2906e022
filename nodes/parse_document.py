"""Make readable text of a file's bytes."""

from typing import Any

from state.errors import KairosError
from state.ingest import DocumentState
from tools.parse import parse


async def parse_document(state: DocumentState) -> dict[str, Any]:
    """The parsed document, or the reason why it cannot be read."""
    if "error" in state:
        return {}
    try:
        return {"parsed": await parse(state["path"], state["data"])}
    except KairosError as error:
        return {"error": error.sentence}
