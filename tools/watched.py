"""Files that are read again when they change: the last good reading stays in force when a newer one has a mistake."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from state.errors import KairosError

LOOK_SECONDS = 1.0
"""The files are looked at no more often than this."""

_log = logging.getLogger(__name__)
T = TypeVar("T")
Stamp = tuple[int, int, int] | None


class Watched(Generic[T]):
    """Calling it gives what is in force. Raises what `load` raises where there is no last good one.

    what: for people, such as "model catalog". stamp: changes when the files do. marked: what is in force, with the
    sentence why what is newer is not.
    """

    def __init__(
        self, what: str, stamp: Callable[[], object], load: Callable[[], T], marked: Callable[[T, str], T]
    ) -> None:
        self._what, self._stamp, self._load, self._marked = what, stamp, load, marked
        self._lock = threading.Lock()
        self._loaded: T | None = None
        self._seen: object = None
        self._next = 0.0

    def __call__(self) -> T:
        """What is in force. On an event loop a change is read in a thread, and seen by a later call."""
        now = time.monotonic()
        if self._loaded is None:
            self._look()
        elif now >= self._next:
            self._next = now + LOOK_SECONDS
            _off_the_loop(self._look)
        loaded = self._loaded
        assert loaded is not None  # noqa: S101 - a first look loads or raises
        return loaded

    async def ready(self) -> T:
        """What is in force; the first reading, too, is done in a thread."""
        return await asyncio.to_thread(self) if self._loaded is None else self()

    def cache_clear(self) -> None:
        """Forget what was read."""
        self._loaded = None

    def _look(self) -> None:
        with self._lock:
            seen = self._stamp()
            if self._loaded is not None and seen == self._seen:
                return
            self._next = time.monotonic() + LOOK_SECONDS
            try:
                self._loaded = self._load()
            except KairosError as error:
                if self._loaded is None:
                    raise
                self._loaded = self._marked(self._loaded, error.sentence)
                _log.warning("The last good %s stays in force. %s", self._what, error.sentence)
            self._seen = seen


def stamp(path: Path) -> Stamp:
    """Time, size and inode: an editor may replace a file by another of the same time and size."""
    try:
        about = path.stat()
    except OSError:
        return None
    return about.st_mtime_ns, about.st_size, about.st_ino


def _off_the_loop(look: Callable[[], None]) -> None:
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        look()
    else:
        loop.run_in_executor(None, look)
