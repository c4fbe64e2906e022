"""Runs of the ingest machine: who reads which collection, and whether it is to go on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Literal

from psycopg import AsyncConnection, Error
from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.collections import Collection
from state.postgres.connect import connect
from state.postgres.pool import conninfo, ingesting

Status = Literal["running", "paused", "cancelled", "done"]

LINGER_S = 15.0
"""A collection stays held for so long between two steps; a run that was cancelled lets go by then."""


@dataclass(slots=True)
class _Hold:
    """A session that holds a collection's lock; `steps` of its run are at work."""

    run: int
    session: AsyncConnection[DictRow]
    steps: int = 0
    letting_go: asyncio.TimerHandle | None = None


_holds: dict[tuple[asyncio.AbstractEventLoop, int], _Hold] = {}
_turns: dict[tuple[asyncio.AbstractEventLoop, int], asyncio.Lock] = {}


async def new(identity: Identity) -> int:
    """The number of a run that is about to start."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute("SELECT nextval(pg_get_serial_sequence('ingest_runs', 'id')) AS id")
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - a sequence always gives one
    return int(row["id"])


async def start(identity: Identity, collection: Collection, run: int, thread_id: str) -> None:
    """Enter a run that holds its collection; those before it, which nobody works on any more, end as cancelled."""
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE ingest_runs SET status = 'cancelled', finished_at = now() "
            "WHERE collection = %s AND status IN ('running', 'paused')",
            (collection.id,),
        )
        await connection.execute(
            "INSERT INTO ingest_runs (id, tenant, collection, thread_id) VALUES (%s, %s, %s, %s)",
            (run, identity.tenant, collection.id, thread_id),
        )


async def find(identity: Identity, run: int) -> DictRow:
    """A run's collection, thread, status and counts. Raises KairosError run_unknown."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT r.id, c.name AS collection, r.thread_id, r.status, r.unchanged, r.deleted "
            "FROM ingest_runs r JOIN collections c ON c.id = r.collection WHERE r.id = %s",
            (run,),
        )
        row = await cursor.fetchone()
    if row is None:
        raise KairosError("run_unknown", f"There is no ingest run {run}.")
    return row


async def status(identity: Identity, run: int) -> Status:
    """Whether a run is to go on."""
    found: Status = (await find(identity, run))["status"]
    return found


async def set_status(identity: Identity, run: int, to: Status, *, only_from: tuple[Status, ...]) -> bool:
    """Change the status of a run; False if it is not in one of the statuses that allow it."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "UPDATE ingest_runs SET status = %s, finished_at = CASE WHEN %s IN ('done', 'cancelled') THEN now() END "
            "WHERE id = %s AND status = ANY (%s)",
            (to, to, run, list(only_from)),
        )
        return cursor.rowcount == 1


async def stopped(identity: Identity, thread_id: str, error: str) -> None:
    """Note why a run stopped before its end, and let go of its collection; it can be resumed."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "UPDATE ingest_runs SET error = %s WHERE thread_id = %s AND status = 'running' RETURNING collection",
            (error, thread_id),
        )
        rows = await cursor.fetchall()
    for row in rows:
        await release(row["collection"])


async def note(identity: Identity, run: int, unchanged: int, deleted: int) -> None:
    """Keep the counts that no row of a file shows."""
    async with ingesting(identity) as connection:
        await connection.execute(
            "UPDATE ingest_runs SET unchanged = %s, deleted = deleted + %s WHERE id = %s",
            (unchanged, deleted, run),
        )


async def recent(identity: Identity, limit: int) -> list[DictRow]:
    """The last runs, newest first, with what is still to be read; one that nobody works on has "stopped"."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            WITH held AS (SELECT classid::bigint << 32 | objid::bigint AS key FROM pg_locks
                          WHERE locktype = 'advisory' AND granted AND objsubid = 1)
            SELECT r.id, c.name AS collection, CASE WHEN r.status = 'running' AND NOT EXISTS (SELECT FROM held
                    WHERE key = hashtextextended('kairos collection', c.id)) THEN 'stopped' ELSE r.status END AS status,
                CASE WHEN r.status = 'running' THEN r.error END AS error, r.thread_id, r.started_at, r.finished_at,
                (SELECT count(*) FROM files f WHERE f.run = r.id AND f.status = 'pending') AS pending,
                (SELECT count(*) FROM files f WHERE f.run = r.id AND f.outcome = 'failed') AS failed
            FROM ingest_runs r JOIN collections c ON c.id = r.collection ORDER BY r.id DESC LIMIT %s
            """,
            (limit,),
        )
        return await cursor.fetchall()


@asynccontextmanager
async def holding(collection: Collection, run: int) -> AsyncIterator[None]:
    """Hold a collection for one step of a run, and for a moment after, so that no other run comes between.

    Raises KairosError ingest_running if another run holds it.
    """
    key = (asyncio.get_running_loop(), collection.id)
    hold = await _enter(key, collection, run)
    try:
        yield
    except BaseException:
        hold.steps -= 1
        if hold.steps == 0:
            await _let_go(key, hold)
        raise
    hold.steps -= 1
    if hold.steps == 0:
        hold.letting_go = key[0].call_later(LINGER_S, lambda: key[0].create_task(_let_go(key, hold)))


async def release(collection: int) -> None:
    """Let go of a collection, by number, at the end of a run."""
    key = (asyncio.get_running_loop(), collection)
    if hold := _holds.get(key):
        await _let_go(key, hold)


async def _enter(key: tuple[asyncio.AbstractEventLoop, int], collection: Collection, run: int) -> _Hold:
    async with _turns.setdefault(key, asyncio.Lock()):
        hold = _holds.get(key)
        if hold and hold.steps == 0 and not await _is_alive(hold.session):
            hold = None  # the database went away meanwhile, and the lock with it
        if hold and hold.run != run:
            raise _running(collection)
        if hold is None:
            hold = _holds[key] = _Hold(run, await _session(collection))
        if hold.letting_go:
            hold.letting_go.cancel()
            hold.letting_go = None
        hold.steps += 1
        return hold


async def _session(collection: Collection) -> AsyncConnection[DictRow]:
    """A session of its own with the collection's advisory lock: it goes with its process, however that ends."""
    session = await connect(await conninfo())
    try:
        cursor = await session.execute(
            "SELECT pg_try_advisory_lock(hashtextextended('kairos collection', %s)) AS got", (collection.id,)
        )
        row = await cursor.fetchone()
        if not row or not row["got"]:
            raise _running(collection)
    except BaseException:
        await session.close()
        raise
    return session


async def _is_alive(session: AsyncConnection[DictRow]) -> bool:
    try:
        await session.execute("SELECT 1")
    except Error:
        await session.close()
        return False
    return True


async def _let_go(key: tuple[asyncio.AbstractEventLoop, int], hold: _Hold) -> None:
    if hold.steps == 0:
        if hold.letting_go:
            hold.letting_go.cancel()
        if _holds.get(key) is hold:
            del _holds[key]
        with suppress(Error):
            # Closing alone returns before the server has let go, and who asks next would find the run held.
            await hold.session.execute("SELECT pg_advisory_unlock_all()")
            await hold.session.close()


def _running(collection: Collection) -> KairosError:
    return KairosError(
        "ingest_running",
        f"Another run is reading the collection {collection.name!r}: wait for its end, or see `kairos runs list`.",
    )
