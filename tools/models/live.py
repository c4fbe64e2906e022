"""How the deployments do, as this process sees it: latency, errors, calls under way, circuit breakers."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tools.models.breaker import Breaker
from tools.models.entry import Entry
from tools.models.facts import Live
from tools.models.faults import UpstreamError
from tools.models.granted import Granted

WEIGHT = 0.2
"""Of the newest call in the exponentially weighted moving averages."""
LONGEST_PAUSE_S = 60.0
"""A deployment that asks for a longer pause is asked again all the same."""


@dataclass(slots=True)
class _Seen:
    breaker: Breaker = field(default_factory=Breaker)
    first_token_s: float | None = None
    error_rate: float = 0.0
    in_flight: int = 0
    granted: Granted | None = None


class Statistics:
    """One an event loop. `opened` is told the name and the seconds when a breaker opens, so that others learn of it."""

    def __init__(self) -> None:
        self.opened: Callable[[str, float], None] = lambda name, seconds: None
        self._seen: dict[str, _Seen] = {}

    def now(self, names: Iterable[str]) -> dict[str, Live]:
        """What routing sees of these deployments."""
        found = {}
        for name in names:
            if (seen := self._seen.get(name)) is not None:
                used_up = seen.granted is not None and seen.granted.is_used_up()
                found[name] = Live(
                    seen.first_token_s, seen.error_rate, seen.breaker.is_open, seen.in_flight, used_up
                )
        return found

    @contextmanager
    def calling(self, name: str) -> Iterator[bool]:
        """Around an attempt; gives False if the breaker refuses it. Failures are learned from UpstreamError."""
        seen = self._seen.setdefault(name, _Seen())
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
        seen = self._seen.setdefault(name, _Seen())
        seen.in_flight += 1
        try:
            yield
        finally:
            seen.in_flight -= 1

    def answered(self, name: str, first_token_s: float) -> None:
        """A deployment has begun to answer."""
        seen = self._seen.setdefault(name, _Seen())
        before = seen.first_token_s
        seen.first_token_s = first_token_s if before is None else before + WEIGHT * (first_token_s - before)
        seen.error_rate *= 1 - WEIGHT
        seen.breaker.succeeded()

    def opened_elsewhere(self, name: str, until: float) -> None:
        """Another process opened a breaker; `until` in seconds since 1970."""
        seconds = min(until - time.time(), LONGEST_PAUSE_S)
        if seconds > 0:
            self._seen.setdefault(name, _Seen()).breaker.open(seconds)

    def used(self, entry: Entry, *, requests: int = 0, tokens: int = 0) -> None:
        """Count what a deployment was asked for, against what its provider grants."""
        seen = self._seen.setdefault(entry.name, _Seen())
        if seen.granted is None or seen.granted.limits != entry.limits:
            seen.granted = Granted(entry.limits)
        seen.granted.take(requests, tokens)

    def failed(self, name: str, error: UpstreamError) -> None:
        """A deployment has failed, before its answer or in the middle."""
        seen = self._seen.setdefault(name, _Seen())
        if not error.counts:
            seen.breaker.abandoned()
            return
        seen.error_rate += WEIGHT * (1 - seen.error_rate)
        pause = None if error.retry_after is None else min(error.retry_after, LONGEST_PAUSE_S)
        if seen.breaker.failed(pause) and seen.breaker.open_until is not None:
            self.opened(name, pause or seen.breaker.open_until - time.monotonic())
