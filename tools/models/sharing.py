"""What one process learns of the deployments' breakers, the others learn at once, off the path of any call."""

import asyncio
import logging
import time
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any
from uuid import uuid4

from psycopg import Error

from state.errors import KairosError
from state.postgres.breakers import Opened, announce, listening
from tools.models.live import Statistics

AGAIN_S = 5.0

log = logging.getLogger(__name__)


class Sharing:
    """For one event loop: `start` listens and announces until `close`."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics
        self._me = uuid4().hex
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begin to listen, and to tell."""
        self._statistics.opened = self._announce
        self._run(self._listen())

    async def close(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _announce(self, name: str, seconds: float) -> None:
        self._run(self._tell(Opened(name, time.time() + seconds, self._me)))

    async def _tell(self, opened: Opened) -> None:
        with suppress(KairosError, Error):  # without a database each process finds out by itself
            await announce(opened)

    async def _listen(self) -> None:
        while True:
            try:
                async with listening() as announced:
                    async for opened in announced:
                        if opened.by != self._me:
                            self._statistics.opened_elsewhere(opened.name, opened.until)
            except (KairosError, Error, OSError, ValueError) as error:
                log.warning("Breakers of other processes are not heard now: %s", error)
            await asyncio.sleep(AGAIN_S)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
