"""A circuit breaker (Nygard, Release It!, 2007): a deployment that fails is left alone, then probed."""

import time
from collections import deque
from collections.abc import Callable

FAILURES_IN_A_ROW = 5
WINDOW, WINDOW_FAILURES = 20, 10
OPEN_S = 3.0
LONGEST_OPEN_S = 8.0
"""So that a deployment that has healed is used again within ten seconds."""


class Breaker:
    """Closed: calls pass. Open: none does until a moment. Then half-open: one probe passes, and decides."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._last: deque[bool] = deque(maxlen=WINDOW)
        self._in_a_row = 0
        self._pause = OPEN_S
        self._probing_since: float | None = None
        self.open_until: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether a call would be refused now."""
        if self.open_until is None:
            return False
        now = self._clock()
        # A probe that was never heard of again, for its caller has gone, does not close the way for ever.
        probing = self._probing_since is not None and now - self._probing_since < LONGEST_OPEN_S
        return now < self.open_until or probing

    def enter(self) -> bool:
        """Whether a call may be made now; in the half-open state this takes the one probe."""
        if self.is_open:
            return False
        if self.open_until is not None:
            self._probing_since = self._clock()
        return True

    def succeeded(self) -> None:
        """A call went well."""
        self._last.append(True)
        self._in_a_row = 0
        if self.open_until is not None:
            self.open_until, self._probing_since, self._pause = None, None, OPEN_S
            self._last.clear()

    def failed(self, retry_after: float | None = None) -> bool:
        """A call failed; True if that opens the breaker. `retry_after`: the provider asked for so many seconds."""
        self._last.append(False)
        self._in_a_row += 1
        if self.open_until is not None:
            if self._probing_since is None and retry_after is None:
                return False  # it began before the breaker opened, and says nothing new
            self._pause = min(LONGEST_OPEN_S, self._pause * 1.5)
            return self.open(retry_after or self._pause)
        too_many = self._in_a_row >= FAILURES_IN_A_ROW or self._last.count(False) >= WINDOW_FAILURES
        return self.open(retry_after or self._pause) if too_many or retry_after else False

    def abandoned(self) -> None:
        """A call ended and says nothing of the deployment: a probe is free again."""
        self._probing_since = None

    def open(self, seconds: float) -> bool:
        """Refuse calls for so long, here or because another process found out; True if it was not open."""
        was_closed = self.open_until is None
        self.open_until = max(self.open_until or 0.0, self._clock() + seconds)
        self._probing_since = None
        return was_closed
