"""Memory of this process and of the sandboxes that it started, looked at from outside while something runs."""

import os
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

_LOOK_S = 0.01


class Watch:
    """While it is open: `children_mb` the most that all sandboxes had together, `own_mb` this process's growth."""

    def __init__(self) -> None:
        self.children_mb = 0.0
        self.own_mb = 0.0
        self._before = _resident(os.getpid())
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_LOOK_S):
            held = sum(map(_resident, sandboxes()))
            self.children_mb = max(self.children_mb, held)
            self.own_mb = max(self.own_mb, _resident(os.getpid()) - self._before)


def sandboxes() -> list[int]:
    """The processes of this process's sandboxes, and those that these started."""
    found = []
    for pid in children(os.getpid()):
        with suppress(OSError):
            if b"tools.sandbox.worker" in Path(f"/proc/{pid}/cmdline").read_bytes():
                found += [pid, *descendants(pid)]
    return found


def descendants(pid: int) -> list[int]:
    """The processes that it started, and those that these started."""
    return [found for child in children(pid) for found in (child, *descendants(child))]


def children(pid: int) -> list[int]:
    """The processes that it started."""
    found: list[int] = []
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            found += map(int, (task / "children").read_text().split())
    return found


def _resident(pid: int) -> float:
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20
    return 0.0
