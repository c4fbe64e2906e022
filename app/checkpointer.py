"""The saver that langgraph.json names under `checkpointer.path`."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncCursor
from psycopg.rows import DictRow

from state.postgres.checkpoints import Saver
from state.postgres.pool import Pool, close_pool, open_pool
from tools.guard.policy.watch import policies
from tools.mcp.pool import close_sessions
from tools.models.opened import close_door, door

log = logging.getLogger(__name__)


class ServerSaver(Saver):
    """A saver whose `adelete_thread` does not suspend; whatever is asked of it next waits for the deletion.

    The in-memory server (langgraph-runtime-inmem 0.36, Threads.delete) finds a thread's index in a list,
    awaits this method, then pops that index: if it suspended, deletions at once would drop other threads.
    """

    def __init__(self, pool: Pool) -> None:
        super().__init__(pool)
        self.deletions: set[asyncio.Task[None]] = set()

    async def adelete_thread(self, thread_id: str) -> None:
        """Delete a thread's checkpoints in the background; a failure is logged."""
        task = asyncio.create_task(super().adelete_thread(thread_id))
        self.deletions.add(task)
        task.add_done_callback(self._deleted)

    @asynccontextmanager
    async def _cursor(self, *, pipeline: bool = False) -> AsyncIterator[AsyncCursor[DictRow]]:
        if asyncio.current_task() not in self.deletions:
            await self.settled()
        async with super()._cursor(pipeline=pipeline) as cursor:
            yield cursor

    async def settled(self) -> None:
        """Wait until no deletion is under way."""
        if self.deletions:
            await asyncio.wait(self.deletions)

    def _deleted(self, task: asyncio.Task[None]) -> None:
        self.deletions.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("The checkpoints of a deleted thread are still there: %s", error)


@asynccontextmanager
async def checkpointer() -> AsyncIterator[ServerSaver]:
    """The server's saver for as long as it runs; the server enters this once for each of its event loops."""
    await policies.ready()  # a mistake in a guard policy refuses the start
    saver = ServerSaver(await open_pool())
    (await door()).share()
    gc.freeze()  # what was imported stays: to look for garbage in it stopped a turn for a third of a second
    try:
        yield saver
    finally:
        await saver.settled()
        await close_sessions()
        await close_door()
        await close_pool()
