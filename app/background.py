"""Runs that go on while nobody waits for them: one a thread, told of where they fail, ended with the process."""

import asyncio
import logging
from collections.abc import Coroutine
from contextvars import Context
from typing import Any

log = logging.getLogger(__name__)
_running: dict[str, asyncio.Task[None]] = {}


def begin(thread_id: str, run: Coroutine[Any, Any, Any]) -> asyncio.Task[None]:
    """Have it run, after what runs for the thread now; without the caller's context: it may be another's run."""
    before = _running.get(thread_id)
    task = asyncio.get_running_loop().create_task(_told(thread_id, run, before), context=Context())
    _running[thread_id] = task
    task.add_done_callback(lambda done: _forget(thread_id, done))
    return task


async def close() -> None:
    """End what runs in this loop: it can be taken up again from its last checkpoint."""
    loop = asyncio.get_running_loop()
    tasks = [task for task in _running.values() if task.get_loop() is loop]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _told(thread_id: str, run: Coroutine[Any, Any, Any], before: asyncio.Task[None] | None) -> None:
    if before is not None:
        await asyncio.wait([before])
    try:
        await run
    except Exception:
        log.exception("The task of thread %s did not go on; it is among the dead letters", thread_id)
    finally:
        run.close()


def _forget(thread_id: str, done: asyncio.Task[None]) -> None:
    if _running.get(thread_id) is done:
        del _running[thread_id]
