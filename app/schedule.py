"""Sources are read when their schedules say so, by any server of a database, and by one of them only."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from contextvars import Context
from datetime import datetime
from typing import Any

from psycopg import OperationalError

from app import background
from app.ingestion import ingestion
from app.local import configure
from app.reminding import remind_for_ever
from state.errors import KairosError
from state.identity import Identity
from state.postgres import schedules
from state.postgres.schedules import Claim
from tools.schedule import next_after

log = logging.getLogger(__name__)

POLL_S = 30.0
AT_ONCE = 2
"""Collections that one server reads by schedule at the same time."""
_BUSY = ("ingest_running", "database_unavailable")


@asynccontextmanager
async def beside_the_server(app: Any) -> AsyncIterator[None]:
    """What the server runs beside its answers, for as long as it lives."""
    # Without the server's context: a run of its own is no part of what the server is doing.
    loops = [*(_read_for_ever() for _ in range(AT_ONCE)), remind_for_ever()]
    tasks = [asyncio.create_task(loop, context=Context()) for loop in loops]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await background.close()


async def read_due() -> bool:
    """Read the due sources of one collection, if there are any that nobody else has taken; whether there were."""
    claimed = await schedules.claim(_is_due)
    if claimed is None:
        return False
    try:
        await _read(claimed)
    except asyncio.CancelledError:
        with suppress(KairosError, TimeoutError):
            await asyncio.wait_for(schedules.put_back(claimed), 2)
        raise
    except (KairosError, OperationalError) as error:
        log.error("The sources of %s were not read on schedule: %s", claimed.collection, error)
        if isinstance(error, KairosError) and error.code not in _BUSY:
            return True
        await schedules.put_back(claimed)
        return False
    return True


async def _read(claimed: Claim) -> None:
    # Sources are added by somebody at this machine's terminal, with whose rights they are read.
    identity = Identity(claimed.tenant, "schedule", local=True)
    given = {"collection": claimed.collection, "sources": list(claimed.before)}
    async for mode, event in ingestion(identity, given, configure(identity)):
        if mode == "values" and (report := event.get("report")):
            counts = " ".join(f"{name}={report[name]}" for name in ("added", "updated", "deleted", "failed"))
            log.info("Read %s on schedule: run %s %s", claimed.collection, report["run"], counts)


async def _read_for_ever() -> None:
    while True:
        try:
            while await read_due():
                pass
        except Exception:
            log.exception("Schedules could not be looked at; the next try is in %.0f s", POLL_S)
        await asyncio.sleep(POLL_S)


def _is_due(schedule: str, since: datetime, now: datetime) -> bool:
    try:
        return next_after(schedule, since) <= now
    except KairosError as error:
        log.error("A source is never read: %s", error.sentence)
        return False
