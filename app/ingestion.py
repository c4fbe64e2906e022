"""The ingest machine in this process, for the terminal and for schedules."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from psycopg import Error

from app.local import stream
from state.errors import KairosError
from state.identity import Identity
from state.postgres import ingest_runs

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.types import Command


async def ingestion(
    identity: Identity, given: Mapping[str, Any] | Command[Any] | None, config: RunnableConfig
) -> AsyncIterator[tuple[str, Any]]:
    """The events of a run, or of the rest of one if nothing is given; why it stopped is noted with it."""
    from graphs.ingest import LIMITS, build

    try:
        async for event in stream(build(), given, {**config, **LIMITS}):
            yield event
    except (KairosError, Error) as error:
        sentence = error.sentence if isinstance(error, KairosError) else " ".join(str(error).split())
        with suppress(KairosError, Error):  # the database may be what is gone
            await ingest_runs.stopped(identity, config["configurable"]["thread_id"], sentence)
        raise
