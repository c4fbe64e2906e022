"""Sessions with servers, kept open between calls: one a server, or one a server and asker; each with a breaker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from state.errors import KairosError
from state.identity import Identity
from tools.mcp import faults
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server
from tools.mcp.live import Session
from tools.mcp.reaching import whose
from tools.models.breaker import Breaker

if TYPE_CHECKING:
    from tools.mcp.session import Connection

MOST_SESSIONS = 64
BROKEN = frozenset({"server_unavailable", "tool_timeout", "tool_disconnected"})
"""What counts against a server; a tool that says that it failed does not."""

Key = tuple[str, ...]
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Reached:
    """A server under its name, as it is declared now, for an asker."""

    name: str
    server: Server
    identity: Identity

    @property
    def declared(self) -> Key:
        """Another declaration is another server."""
        return self.name, self.server.model_dump_json()

    @property
    def key(self) -> Key:
        """Whose session it is."""
        return *self.declared, *whose(self.server, self.identity)


@dataclass(slots=True)
class _Pool:
    sessions: dict[Key, Session] = field(default_factory=dict)
    opening: dict[Key, asyncio.Task[Session]] = field(default_factory=dict)
    breakers: dict[Key, Breaker] = field(default_factory=dict)


_pools: dict[asyncio.AbstractEventLoop, _Pool] = {}


async def declarations(reached: Reached) -> list[Declaration]:
    """What the server offers. Raises KairosError server_unavailable or server_refused."""
    async with _counted(reached):
        return await _on_session(reached, lambda session: session.tools())


async def call(reached: Reached, tool: str, arguments: Mapping[str, Any], key: UUID) -> dict[str, Any]:
    """A CallToolResult in the protocol's names. Raises KairosError as `faults` says."""
    again = reached.server.is_idempotent(tool)
    return await asked(reached, tool, lambda to: to.call(tool, arguments, key, reached.identity), again)


async def asked(
    reached: Reached, tool: str, do: Callable[["Connection"], Awaitable[Done]], again: bool
) -> Done:
    """What `do` gets for a tool; done again where it is known, or declared by `again`, to do no harm.

    Raises KairosError as `faults` says.
    """

    async def once() -> Done:
        return await _on_session(reached, lambda session: session.asked(tool, do))

    async with _counted(reached):
        try:
            return await once()
        except KairosError as error:
            if error.code != "tool_disconnected" or not again:
                raise
            return await once()


async def close_sessions() -> None:
    """End all sessions of the running event loop, and the servers that were started for them."""
    pool = _pools.pop(asyncio.get_running_loop(), None)
    if pool is None:
        return
    for opening in pool.opening.values():
        opening.cancel()
    await asyncio.gather(*pool.opening.values(), return_exceptions=True)
    await asyncio.gather(*(session.close() for session in pool.sessions.values()))


def _pool() -> _Pool:
    loop = asyncio.get_running_loop()
    if loop not in _pools:
        for closed in [one for one in _pools if one.is_closed()]:
            del _pools[closed]
        _pools[loop] = _Pool()
    return _pools[loop]


@asynccontextmanager
async def _counted(reached: Reached) -> AsyncIterator[None]:
    """Within, what happens counts for or against the server; while its breaker is open nobody gets in."""
    breaker = _pool().breakers.setdefault(reached.declared, Breaker())
    if not breaker.enter():
        raise faults.unavailable(reached.name, "has failed several times, and is left alone for some seconds")
    try:
        yield
    except KairosError as error:
        if error.code in BROKEN:
            breaker.failed()
        elif error.code == "sign_in_needed":
            breaker.abandoned()  # it says nothing of the server
        else:
            breaker.succeeded()
        raise
    except BaseException:
        breaker.abandoned()
        raise
    breaker.succeeded()


async def _on_session(reached: Reached, do: Callable[[Session], Awaitable[Done]]) -> Done:
    """What it does on the open session, or on a new one where the server has forgotten that, and did nothing."""
    session = await _session(reached)
    try:
        return await do(session)
    except faults.SessionGoneError:
        session.retire()
    try:
        return await do(await _session(reached))
    except faults.SessionGoneError:
        raise faults.unavailable(reached.name, "forgets its sessions") from None


async def _session(reached: Reached) -> Session:
    """The open session, or a new one."""
    pool, key = _pool(), reached.key
    found = pool.sessions.get(key)
    if found is not None and not found.dead:
        return found
    if key not in pool.opening:
        task = pool.opening[key] = asyncio.create_task(_opened(pool, reached))
        task.add_done_callback(lambda _: pool.opening.pop(key, None))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
    return await asyncio.shield(pool.opening[key])


async def _opened(pool: _Pool, reached: Reached) -> Session:
    library = await asyncio.to_thread(import_module, "tools.mcp.session")  # which takes a second
    _make_room(pool, reached.name)
    connection = library.Connection(reached.name, reached.server, reached.identity)
    session = Session(reached.name, reached.server, connection)
    await session.open()
    pool.sessions[reached.key] = session
    return session


def _make_room(pool: _Pool, server: str) -> None:
    """Forget dead sessions, and part with the one that was idle for longest where there are too many."""
    for key in [key for key, session in pool.sessions.items() if session.dead]:
        del pool.sessions[key]
    if len(pool.sessions) + len(pool.opening) <= MOST_SESSIONS:
        return
    idle = [session for session in pool.sessions.values() if session.is_idle]
    if not idle:
        raise faults.unavailable(server, "is not among those there is room for now")
    min(idle, key=_last_used).retire()


def _last_used(session: Session) -> float:
    return session.used
