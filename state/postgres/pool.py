"""One connection pool a process (one an event loop), over KAIROS_DATABASE_URL or the embedded server."""

import asyncio
import json
import select
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, LiteralString

from psycopg import AsyncClientCursor, AsyncConnection
from psycopg.abc import Params
from psycopg.errors import DiskFull
from psycopg.rows import DictRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from state.errors import KairosError
from state.identity import Identity
from state.postgres.connect import OPTIONS, connect, conninfo_from
from state.postgres.migrate import migrate
from state.settings import settings

if TYPE_CHECKING:
    from state.postgres.embedded import Server

Connection = AsyncConnection[DictRow]
Pool = AsyncConnectionPool[Connection]

WAIT_S = 10.0
GONE_WAIT_S = 0.1
"""While the server is known to be gone: the many who ask then must not each wait their turn."""


@dataclass(slots=True)
class _Database:
    """An open pool; `server` is the embedded server's use that goes with it; `gone`: it cannot be reached now."""

    pool: Pool
    where: str
    server: "Server | None"
    gone: bool = False


_open: dict[asyncio.AbstractEventLoop, _Database] = {}
_opening: dict[asyncio.AbstractEventLoop, asyncio.Lock] = {}


async def open_pool() -> Pool:
    """The pool of the running event loop; on first use the database is reached, checked and migrated.

    Raises KairosError as `connect`, `migrate` and `embedded.acquire` do.
    """
    loop = asyncio.get_running_loop()
    if loop not in _open:
        async with _opening.setdefault(loop, asyncio.Lock()):
            if loop not in _open:
                await _forget_closed_loops()
                _open[loop] = await _make()
    return _open[loop].pool


async def conninfo() -> str:
    """How to reach the running event loop's database, for a session beside the pool."""
    await open_pool()
    found = _open[asyncio.get_running_loop()]
    return found.where if found.server is None else await _conninfo(found.server)


async def close_pool() -> None:
    """Close the running event loop's pool and, where it was the last user, the embedded server."""
    loop = asyncio.get_running_loop()
    _opening.pop(loop, None)
    found = _open.pop(loop, None)
    if found is not None:
        await found.pool.close()
        await _release(found.server)


@asynccontextmanager
async def connection() -> AsyncIterator[Connection]:
    """A connection in autocommit mode. Raises KairosError(database_unavailable) if there is none for 10 s."""
    pool = await open_pool()
    database = _open[asyncio.get_running_loop()]
    try:
        async with pool.connection(timeout=GONE_WAIT_S if database.gone else WAIT_S) as found:
            database.gone = False
            yield found
    except PoolTimeout as error:
        raise KairosError(
            "database_unavailable",
            f"No database connection for {WAIT_S:.0f} s: "
            f"the server is gone or all {pool.max_size} are in use.",
        ) from error


@asynccontextmanager
async def scoped(identity: Identity, *, role: str = "kairos_member") -> AsyncIterator[Connection]:
    """A transaction that row-level security limits to what `identity` may touch as `role`."""
    async with connection() as found:
        # One simple-protocol message: BEGIN and the settings cost a single round trip.
        await AsyncClientCursor(found).execute(
            "BEGIN; SELECT set_config('role', %s, true),"
            " set_config('kairos.tenant', %s, true), set_config('kairos.groups', %s, true)",
            (role, identity.tenant, json.dumps(identity.groups)),
        )
        # Leaving the pool's block commits, or rolls back after an exception.
        yield found


async def fetch(
    identity: Identity, statement: LiteralString, parameters: Params, *, binary: bool = False
) -> list[DictRow]:
    """The rows of one statement that row-level security limits to what `identity` may read; one round trip."""
    async with connection() as found:
        cursor = found.cursor(binary=binary)
        async with found.pipeline():
            await found.execute("BEGIN READ ONLY", prepare=True)
            await found.execute(
                "SELECT set_config('role', 'kairos_member', true), set_config('kairos.tenant', %s, true),"
                " set_config('kairos.groups', %s, true)",
                (identity.tenant, json.dumps(identity.groups)),
                prepare=True,
            )
            await cursor.execute(statement, parameters, prepare=True)
            await found.execute("COMMIT", prepare=True)
        return await cursor.fetchall()


@asynccontextmanager
async def ingesting(identity: Identity) -> AsyncIterator[Connection]:
    """A transaction that writes within the identity's tenant. Raises KairosError `database_full`."""
    try:
        async with scoped(identity, role="kairos_ingester") as found:
            yield found
    except DiskFull as error:
        raise KairosError(
            "database_full",
            f"The database's disk is full: {str(error).partition(chr(10))[0]}. Make room, then go on with "
            "`kairos runs resume`; what was stored before stays.",
        ) from error


@asynccontextmanager
async def admin() -> AsyncIterator[Connection]:
    """A transaction as the owner of the tables, whom row-level security does not limit."""
    async with connection() as found, found.transaction():
        yield found


async def _make() -> _Database:
    url = settings().database_url
    if url:
        return await _opened(conninfo_from(url.get_secret_value()), None)
    server = await _embedded()
    try:
        return await _opened(await _conninfo(server), server)
    except BaseException:
        await _release(server)
        raise


async def _opened(where: str, server: "Server | None") -> _Database:
    async with await connect(where) as first:
        await migrate(first)
    pool = _pool(where, server)
    await pool.open()
    return _Database(pool, where, server)


def _pool(where: str, server: "Server | None") -> Pool:
    async def current() -> str:
        # Asked for every new connection: an embedded server that was killed is started again.
        return where if server is None else await _conninfo(server)

    async def check(found: Connection) -> None:
        # An idle connection has nothing to say, unless the server is ending it: no round trip needed.
        waiting = select.poll()
        waiting.register(found.fileno(), select.POLLIN)
        if waiting.poll(0):
            try:
                await pool.check_connection(found)
            except Exception:
                await pool.check()  # its neighbours are probably dead too
                raise

    async def gone(_: Pool) -> None:
        if database := _open.get(asyncio.get_running_loop()):
            database.gone = True

    pool: Pool = AsyncConnectionPool(
        current,
        kwargs=OPTIONS,
        check=check,
        open=False,
        min_size=1,
        max_size=settings().pool_max,
        timeout=WAIT_S,
        max_idle=300,
        max_lifetime=3600,
        reconnect_timeout=WAIT_S,
        reconnect_failed=gone,
        name="kairos",
    )
    return pool


async def _embedded() -> "Server":
    if sys.platform == "win32":
        raise KairosError(
            "embedded_postgres_missing",
            "The embedded Postgres runs on Linux and macOS only: set KAIROS_DATABASE_URL.",
        )
    from state.postgres import embedded

    return await asyncio.to_thread(embedded.acquire, settings().home)


async def _conninfo(server: "Server") -> str:
    from state.postgres import embedded

    return await asyncio.to_thread(embedded.conninfo, server)


async def _release(server: "Server | None") -> None:
    if server is not None:
        from state.postgres import embedded

        await asyncio.to_thread(embedded.release, server)


async def _forget_closed_loops() -> None:
    for loop in [loop for loop in _open if loop.is_closed()]:
        _opening.pop(loop, None)
        await _release(_open.pop(loop).server)
