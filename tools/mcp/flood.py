"""How much a server may send: one large message at once, and a steady trickle after it (a token bucket)."""

import time
from collections.abc import Callable

BYTES_PER_SECOND = 2_000_000
LINES, LINES_PER_SECOND = 5_000, 500
"""Lines stand for messages: over stdio each is one, over HTTP three are."""


class FloodError(RuntimeError):
    """A server sends more than it may."""


class Allowance:
    """What one connection may still send; `largest` in bytes."""

    def __init__(self, largest: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._most = 2.0 * largest, float(LINES)
        self._bytes, self._lines = self._most
        self._seen = clock()

    def spend(self, data: bytes) -> None:
        """Take note of what came. Raises FloodError."""
        now = self._clock()
        passed, self._seen = now - self._seen, now
        self._bytes = min(self._most[0], self._bytes + passed * BYTES_PER_SECOND) - len(data)
        self._lines = min(self._most[1], self._lines + passed * LINES_PER_SECOND) - data.count(b"\n")
        if self._bytes < 0 or self._lines < 0:
            raise FloodError
