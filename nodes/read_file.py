"""Read a file's bytes."""

import asyncio
from typing import Any

from state.errors import KairosError
from state.ingest import DocumentState
from tools import files


async def read_file(state: DocumentState) -> dict[str, Any]:
    """The bytes, or the reason why there are none."""
    try:
        return {"data": await asyncio.to_thread(files.read, state["uri"])}
    except KairosError as error:
        return {"error": error.sentence}
