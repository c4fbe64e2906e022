"""What a provider grants a deployment a minute: a token bucket for requests and one for tokens, a process."""

import time
from collections.abc import Callable

from tools.models.entry import Limits

MINUTE_S = 60.0


class TokenBucket:
    """Filled at `per_minute`, up to that; it may be overdrawn, for tokens are only counted when they are used."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_minute, self._clock = per_minute, clock
        self._left, self._seen = float(per_minute), clock()

    @property
    def is_empty(self) -> bool:
        """Whether less than one is left."""
        self._fill()
        return self._left < 1

    def take(self, amount: int) -> None:
        """Use so much."""
        self._fill()
        self._left -= amount

    def _fill(self) -> None:
        now = self._clock()
        self._left = min(
            self._per_minute, self._left + max(0.0, now - self._seen) * self._per_minute / MINUTE_S
        )
        self._seen = now


class Granted:
    """The buckets of one deployment; processes that share it do not know of each other, the provider's 429 does."""

    def __init__(self, limits: Limits, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        requests, tokens = limits.requests_per_minute, limits.tokens_per_minute
        self._requests = TokenBucket(requests, clock) if requests else None
        self._tokens = TokenBucket(tokens, clock) if tokens else None

    def is_used_up(self) -> bool:
        """Whether another call would be one too many now."""
        return any(bucket is not None and bucket.is_empty for bucket in (self._requests, self._tokens))

    def take(self, requests: int, tokens: int) -> None:
        """Count what was used."""
        if self._requests is not None:
            self._requests.take(requests)
        if self._tokens is not None:
            self._tokens.take(tokens)
