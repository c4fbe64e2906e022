"""Circuit breakers that open in one process are known to the others, over LISTEN and NOTIFY of Postgres."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from state.postgres.connect import connect
from state.postgres.pool import admin, conninfo

CHANNEL = "kairos_breakers"


@dataclass(frozen=True, slots=True)
class Opened:
    """A breaker of the deployment `name` is open until a moment, in seconds since 1970; `by` is who found out."""

    name: str
    until: float
    by: str


async def announce(opened: Opened) -> None:
    """Tell the other processes."""
    payload = json.dumps([opened.name, opened.until, opened.by])
    async with admin() as connection:
        await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, payload))


@asynccontextmanager
async def listening() -> AsyncIterator[AsyncIterator[Opened]]:
    """What others announce, over a session of its own, for as long as that lives."""
    session = await connect(await conninfo())
    try:
        await session.execute(f"LISTEN {CHANNEL}")
        yield _announced(session)
    finally:
        await session.close()


async def _announced(session: AsyncConnection[DictRow]) -> AsyncIterator[Opened]:
    async for notice in session.notifies():
        name, until, by = json.loads(notice.payload)
        yield Opened(str(name), float(until), str(by))
