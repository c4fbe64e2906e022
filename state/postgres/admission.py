"""Admission of calls by budgets and rate limits, and their settlement: group commit, one batch at a time.

While a batch is on its way to the database, asks gather for the next one (DeWitt et al., 1984: group commit).
Settlements gather for RIDE_S: what holds them waits for the disk, and most calls are to be admitted without that.
A refusal is final only with the settlements that wait, for these may make room; what exceeds its bound does not wait.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from state.errors import KairosError
from state.postgres.admission_link import UNUSABLE, Link, parts
from state.postgres.calls import CallRecord, never_made
from state.postgres.unsettled import Unsettled
from state.postgres.verdicts import RETRY_S, Ask, Verdict, unusable, without_database
from state.settings import settings

__all__ = ["Admission", "Ask", "CallRecord", "Verdict"]

ASKS = 200
"""The most in one batch."""
RIDE_S = 0.05
SWEEP_S = 5.0
NO_ROOM = ("budget_exceeded", "rate_limited")

log = logging.getLogger(__name__)
_Waiting = tuple[Ask, asyncio.Future[Verdict | None]]
"""An ask, and its verdict; None: the database went away before it gave one."""


class Admission:
    """For one event loop. While the database is gone, KAIROS_LIMITS_WITHOUT_DATABASE decides."""

    def __init__(self) -> None:
        self._link = Link()
        self._asks: deque[_Waiting] = deque()
        self._unsettled = Unsettled()
        self._task: asyncio.Task[None] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._gone: KairosError | None = None
        self._try_at = 0.0
        self._sweep_at = 0.0

    async def admit(self, ask: Ask) -> Verdict:
        """Reserve what the call may cost, in all of its budgets and limits or in none."""
        try:
            verdict = await self._decided(ask)
        except asyncio.CancelledError:
            # Nobody learns the verdict, so nobody else would release the reservation.
            self.settle(never_made(ask, "disconnected", "cancelled"))
            raise
        if verdict is None:
            verdict = _unchecked()
            if not verdict.admitted:
                # The answer was lost, perhaps not the ask.
                self.settle(never_made(ask, "refused", verdict.code))
        return verdict

    async def extend(self, ask: Ask) -> Verdict:
        """Reserve what a dearer deployment may cost more than is reserved under the same id.

        Budgets are checked again, and the limits of the new deployment; a refusal leaves the reservation as it was.
        """
        return await self._decided(ask) or _unchecked()

    def settle(self, record: CallRecord) -> None:
        """Release the reservation `record.id`, count the real cost, and write the ledger row; soon, and once."""
        self._unsettled.add(record)
        if self._timer is None:
            self._start_in(RIDE_S if self._gone is None else RETRY_S)

    async def flush(self) -> None:
        """Return when all settlements are written. Raises KairosError database_unavailable; they are kept then."""
        while self._unsettled or self._is_writing():
            self._unsettled.due = True
            self._start()
            assert self._task is not None  # noqa: S101 - it was started
            await asyncio.shield(self._task)
            if self._gone is not None:
                raise self._gone

    async def close(self) -> None:
        """Write what is left and end the session; what cannot be written is lost, and logged."""
        with suppress(KairosError):
            await self.flush()
        self._rest()
        if self._unsettled:
            log.error("%d settlements of calls were lost: the database is gone", len(self._unsettled))
        await self._link.close()

    async def _decided(self, ask: Ask) -> Verdict | None:
        loop = asyncio.get_running_loop()
        if self._gone is not None:
            # Nobody waits for a database that is known to be gone; whether it is back is tried beside.
            if loop.time() >= self._try_at:
                self._start()
            return _unchecked()
        future: asyncio.Future[Verdict | None] = loop.create_future()
        self._asks.append((ask, future))
        self._unsettled.reserved(ask)
        self._start()
        return await future

    def _is_writing(self) -> bool:
        return self._task is not None and not self._task.done()

    def _start(self) -> None:
        if not self._is_writing():
            self._task = asyncio.get_running_loop().create_task(self._write())

    def _start_in(self, seconds: float) -> None:
        def now() -> None:
            self._timer = None
            self._unsettled.due = bool(self._unsettled)
            self._start()

        self._timer = asyncio.get_running_loop().call_later(seconds, now)

    def _rest(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _write(self) -> None:
        unsettled = self._unsettled
        while self._asks or (unsettled.due and unsettled) or self._gone is not None:
            asks = self._next_asks()
            records = unsettled.take() if unsettled.due or self._gone is not None else []
            if not unsettled:
                self._rest()
            try:
                await self._send(asks, records)
                self._gone = None
            except KairosError as error:
                self._lose(error, asks, records)
                return
            except BaseException:
                self._lose(KairosError("database_unavailable", "The admissions were stopped."), asks, records)
                raise
            await self._sweep_now_and_then()

    def _next_asks(self) -> list[_Waiting]:
        taken = [self._asks.popleft() for _ in range(min(ASKS, len(self._asks)))]
        return [(ask, future) for ask, future in taken if not future.done()]

    async def _send(self, asks: Sequence[_Waiting], records: Sequence[CallRecord]) -> None:
        """Send a batch; what the database cannot take is found by halves, so that it holds up nothing else."""
        try:
            verdicts = await self._link.send([ask for ask, _ in asks], records)
        except UNUSABLE as error:
            if len(asks) + len(records) > 1:
                for part in parts(asks, records):
                    await self._send(*part)
                return
            log.error("a call could not be %s: %s", "admitted" if asks else "settled", error)
            verdicts = [unusable() for _ in asks]
        again = []
        for (ask, future), found in zip(asks, verdicts, strict=True):
            if found.code in NO_ROOM and self._unsettled and not records:
                again.append((ask, future))
            elif not future.done():
                future.set_result(found)
        if again:
            self._asks.extendleft(reversed(again))
            self._unsettled.due = True

    def _lose(self, error: KairosError, asks: Sequence[_Waiting], records: Sequence[CallRecord]) -> None:
        """The database is gone: answer who waits, and keep what is to be written."""
        if self._gone is None:
            log.warning("admission without a database: %s", error.sentence)
        self._gone = error
        self._try_at = asyncio.get_running_loop().time() + RETRY_S
        self._unsettled.put_back(records)
        for _, future in (*asks, *self._asks):
            if not future.done():
                future.set_result(None)
        self._asks.clear()
        if self._unsettled and self._timer is None:
            self._start_in(RETRY_S)

    async def _sweep_now_and_then(self) -> None:
        now = asyncio.get_running_loop().time()
        if not self._asks and now >= self._sweep_at:
            self._sweep_at = now + SWEEP_S
            # The next batch will find out what is wrong.
            with suppress(KairosError, *UNUSABLE):
                await self._link.sweep()


def _unchecked() -> Verdict:
    return without_database(settings().limits_without_database == "allow")
