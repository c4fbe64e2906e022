"""A session that stays open between calls: a task of its own opens and closes it, and any task may call."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, TypeVar

from state.errors import KairosError
from tools.mcp import faults
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server

if TYPE_CHECKING:
    from tools.mcp.session import Connection

LISTED_S = 300.0
"""A list of tools is asked for again after so long, even if nobody said that it changed."""
MARGIN_S = 1.0
Done = TypeVar("Done")


class Session:
    """Of one event loop. used: when it was last, by the monotonic clock; dead: it takes no more calls."""

    def __init__(self, name: str, server: Server, connection: Connection) -> None:
        self._name, self._server, self._connection = name, server, connection
        self._slots = asyncio.Semaphore(server.at_once)
        self._listing = asyncio.Lock()
        self._listed: tuple[float, int, list[Declaration]] = 0.0, -1, []
        self._changes = 0
        self._closing, self._quiet = asyncio.Event(), asyncio.Event()
        self._owner: asyncio.Task[None]
        self._busy = 0
        self.used = time.monotonic()
        self.dead = False

    @property
    def is_idle(self) -> bool:
        """Whether nothing is under way."""
        return self._busy == 0

    async def open(self) -> None:
        """Raises KairosError server_unavailable or server_refused."""
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(ready))
        try:
            async with asyncio.timeout(self._server.open_seconds):
                await asyncio.shield(ready)
        except BaseException as error:
            self._owner.cancel()
            await asyncio.wait((self._owner,))
            if isinstance(error, TimeoutError):
                raise faults.unavailable(self._name, "does not answer") from None
            raise

    async def close(self) -> None:
        """End it; calls that are under way are lost."""
        self._end()
        await asyncio.wait((self._owner,))

    def retire(self) -> None:
        """Let no more calls in; when those under way are through its owner closes it."""
        self.dead = True
        self._closing.set()
        if self.is_idle:
            self._quiet.set()

    def _end(self) -> None:
        self.retire()
        self._quiet.set()

    async def tools(self) -> list[Declaration]:
        """What the server offers now. Raises KairosError or SessionGoneError."""
        async with self._at_work(), self._listing:
            now, changes, (asked, seen, found) = time.monotonic(), self._changes, self._listed
            if seen == changes and now - asked <= LISTED_S:
                return found
            try:
                async with asyncio.timeout(self._server.open_seconds):
                    found = await self._connection.tools()
            except TimeoutError:
                raise faults.unavailable(self._name, "does not say which tools it has") from None
            self._listed = now, changes, found
            return found

    async def asked(self, tool: str, do: Callable[[Connection], Awaitable[Done]]) -> Done:
        """What `do` gets for a tool, in its time. Raises KairosError as `faults` says, or SessionGoneError."""
        async with self._at_work(), self._slots:
            try:
                async with asyncio.timeout(self._server.seconds + MARGIN_S):
                    return await do(self._connection)
            except TimeoutError:
                self.retire()  # it does not even take what it is sent
                raise faults.timed_out(f"{self._name}.{tool}", self._server.seconds) from None

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self.used = time.monotonic()
            if self.dead and self.is_idle:
                self._quiet.set()

    async def _own(self, ready: asyncio.Future[None]) -> None:
        """Enter and leave all that belongs to the session in one task, as scopes of cancellation demand."""
        try:
            async with AsyncExitStack() as stack:
                await self._connection.open(stack, self._end, self._changed)
                if not ready.done():
                    ready.set_result(None)
                await self._until_unused()
                await self._quiet.wait()
        except Exception as error:  # noqa: BLE001 - the task has no other caller
            fault = faults.unavailable(self._name, "cannot be spoken with")
            if not ready.done():
                ready.set_exception(error if isinstance(error, KairosError) else fault)
                ready.exception()
        finally:
            self._end()

    def _changed(self) -> None:
        self._changes += 1

    async def _until_unused(self) -> None:
        idle = self._server.idle_seconds
        while not self._closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(idle):
                    await self._closing.wait()
            if self.is_idle and time.monotonic() - self.used >= idle:
                self.retire()
