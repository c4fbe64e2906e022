"""One attempt after the other, until a deployment answers."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from state.errors import KairosError
from tools.models.entry import Entry
from tools.models.faults import UpstreamError
from tools.models.live import Statistics

ROUNDS = 3
"""Every deployment is tried so often at most, for others are better than the same again."""
BASE_S, LONGEST_WAIT_S = 0.2, 2.0

T = TypeVar("T")


@dataclass(slots=True)
class Attempts:
    """What was tried for a call, in order: the name of the deployment, and "ok" or what went wrong."""

    made: list[tuple[str, str]] = field(default_factory=list)

    def reasons(self) -> list[str]:
        """As people read it."""
        return [f"{name}: {outcome}" for name, outcome in self.made]


class Failover:
    """The candidates of one call, in order. `reserve` is asked before each attempt and may refuse by KairosError."""

    def __init__(
        self,
        candidates: Sequence[Entry],
        statistics: Statistics,
        reserve: Callable[[Entry], Awaitable[None]],
    ) -> None:
        self.candidates = candidates
        self.attempts = Attempts()
        self._statistics = statistics
        self._reserve = reserve
        self._started = time.monotonic()

    async def run(self, attempt: Callable[[Entry], Awaitable[T]], *, but: str | None = None) -> T:
        """What `attempt` gives for the first deployment that answers; `but` is only tried if it is the only one.

        Raises KairosError model_… : of the caller's own mistake at once, else of the last failure.
        """
        tried = [entry for entry in self.candidates if entry.name != but] or self.candidates
        last: tuple[Entry, UpstreamError] | None = None
        for number in range(ROUNDS):
            again = []
            for entry in tried:
                try:
                    return await self._try(entry, attempt)
                except _ClosedError:
                    continue
                except UpstreamError as error:
                    last = entry, error
                    if error.is_callers:
                        raise error.explained(entry.name) from None
                    if error.is_transient:
                        again.append(entry)
            tried = again
            if not again or last is None or not await _pause(number, last[1]):
                break
        raise last[1].explained(last[0].name) if last else _all_closed(self.candidates)

    async def _try(self, entry: Entry, attempt: Callable[[Entry], Awaitable[T]]) -> T:
        with self._statistics.calling(entry.name) as allowed:
            if not allowed:
                raise _ClosedError
            await self._reserve(entry)
            self._statistics.used(entry, requests=1)
            started = time.monotonic()
            try:
                found = await attempt(entry)
            except UpstreamError as error:
                self.attempts.made.append((entry.name, error.kind))
                raise
        self.attempts.made.append((entry.name, "ok"))
        self._statistics.answered(entry.name, time.monotonic() - started)
        return found


async def _pause(number: int, error: UpstreamError) -> bool:
    """Wait with full jitter (Brooker, AWS 2015) before another round; False if there is none, or it is far away."""
    wait = random.uniform(0, min(LONGEST_WAIT_S, BASE_S * 2**number))  # noqa: S311 - no secret
    wait = max(wait, error.retry_after or 0.0)
    if number + 1 >= ROUNDS or wait > LONGEST_WAIT_S:
        return False
    await asyncio.sleep(wait)
    return True


class _ClosedError(Exception):
    """The breaker lets nothing through."""


def _all_closed(tried: Sequence[Entry]) -> KairosError:
    names = ", ".join(entry.name for entry in tried) or "none"
    return KairosError(
        "model_unavailable",
        f"Every deployment that could answer has just failed and is left alone for some seconds ({names}).",
    )
