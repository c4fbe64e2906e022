"""How the deployments do, as this process sees it: latency, errors, calls under way, circuit breakers."""

import math
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tools.models.breaker import Breaker
from tools.models.entry import Entry
from tools.models.facts import Live
from tools.models.faults import UpstreamError
from tools.models.granted import Granted

WEIGHT = 0.2
"""Of the newest call in the exponentially weighted moving averages."""
HALF_LIFE_S = 3.0
"""Of the error rate: whom nobody calls for its errors must be called again some time, or it would never heal."""
TIMED_FOR_S = 60.0
"""After so long without an answer a latency is no longer known: who was slow once is timed again."""
LONGEST_PAUSE_S = 60.0
"""A deployment that asks for a longer pause is asked again all the same."""


@dataclass(slots=True)
class _Seen:
    breaker: Breaker
    first_token_s: float | None = None
    answered_at: float = 0.0
    error_rate: float = 0.0
    failed_at: float = 0.0
    in_flight: int = 0
    granted: Granted | None = None

    def errors(self, now: float) -> float:
        """The error rate, which fades."""
        return self.error_rate * math.exp2((self.failed_at - now) / HALF_LIFE_S)


class Statistics:
    """One an event loop. `opened` is told the name and the seconds when a breaker opens, so that others learn of it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.opened: Callable[[str, float], None] = lambda name, seconds: None
        self._clock = clock
        self._seen: dict[str, _Seen] = {}

    def now(self, names: Iterable[str]) -> dict[str, Live]:
        """What routing sees of these deployments."""
        found, now = {}, self._clock()
        for name in names:
            if (seen := self._seen.get(name)) is not None:
                errors = seen.errors(now) if seen.error_rate else 0.0
                used_up = seen.granted is not None and seen.granted.is_used_up()
                known = now - seen.answered_at < TIMED_FOR_S
                found[name] = Live(
                    seen.first_token_s if known else None,
                    errors,
                    seen.breaker.is_open,
                    seen.in_flight,
                    used_up,
                )
        return found

    @contextmanager
    def calling(self, name: str) -> Iterator[bool]:
        """Around an attempt; gives False if the breaker refuses it. Failures are learned from UpstreamError."""
        seen = self._of(name)
        if not seen.breaker.enter():
            yield False
            return
        seen.in_flight += 1
        try:
            yield True
        except UpstreamError as error:
            self.failed(name, error)
            raise
        except BaseException:
            seen.breaker.abandoned()
            raise
        finally:
            seen.in_flight -= 1

    @contextmanager
    def streaming(self, name: str) -> Iterator[None]:
        """Around the rest of a streamed answer."""
        seen = self._of(name)
        seen.in_flight += 1
        try:
            yield
        finally:
            seen.in_flight -= 1

    def answered(self, name: str, first_token_s: float) -> None:
        """A deployment has begun to answer."""
        seen = self._of(name)
        before = seen.first_token_s
        seen.first_token_s = first_token_s if before is None else before + WEIGHT * (first_token_s - before)
        seen.answered_at = self._clock()
        seen.error_rate *= 1 - WEIGHT
        seen.breaker.succeeded()

    def opened_elsewhere(self, name: str, until: float) -> None:
        """Another process opened a breaker; `until` in seconds since 1970."""
        seconds = min(until - time.time(), LONGEST_PAUSE_S)
        if seconds > 0:
            self._of(name).breaker.open(seconds)

    def used(self, entry: Entry, *, requests: int = 0, tokens: int = 0) -> None:
        """Count what a deployment was asked for, against what its provider grants."""
        seen = self._of(entry.name)
        if seen.granted is None or seen.granted.limits != entry.limits:
            seen.granted = Granted(entry.limits)
        seen.granted.take(requests, tokens)

    def failed(self, name: str, error: UpstreamError) -> None:
        """A deployment has failed, before its answer or in the middle."""
        seen = self._of(name)
        if not error.counts:
            seen.breaker.abandoned()
            return
        now = self._clock()
        faded = seen.errors(now)
        seen.error_rate, seen.failed_at = faded + WEIGHT * (1 - faded), now
        pause = None if error.retry_after is None else min(error.retry_after, LONGEST_PAUSE_S)
        if seen.breaker.failed(pause) and seen.breaker.open_until is not None:
            self.opened(name, pause or seen.breaker.open_until - self._clock())

    def _of(self, name: str) -> _Seen:
        if (seen := self._seen.get(name)) is None:
            seen = self._seen[name] = _Seen(Breaker(self._clock))
        return seen
