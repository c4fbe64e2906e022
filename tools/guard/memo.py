"""What several checks of one text need is worked out once."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

KEPT = 8
"""Results at most; the oldest goes first."""

T = TypeVar("T")


class Memo:
    """The latest results of one request, by what they are and of which text. Not for threads."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Any] = {}

    async def get(self, what: str, text: str, make: Callable[[], Awaitable[T]]) -> T:
        """The result, made if it is not there; one that fails is not kept, and what it raises goes on."""
        if (what, text) not in self._kept:
            made = await make()
            while len(self._kept) >= KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[what, text] = made
            return made
        found: T = self._kept[what, text]
        return found
