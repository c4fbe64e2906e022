"""What memory this process has, and how much it may take; exact on Linux, as good as it goes elsewhere."""

import os
import resource
import sys
import threading
import time
from contextlib import suppress
from pathlib import Path

OUT_OF_MEMORY = 86
"""Exit status of a process that took more than it may."""

_STATUS = Path("/proc/self/status")
_ROOM_MB = 256  # thread stacks and the like: counted by RLIMIT_DATA although nothing is in them
_LOOK_S = 0.05


def resident_mb() -> float:
    """What is in memory now; where that is not told, the most that ever was."""
    return _read("VmRSS") or _most_mb()


def peak_mb() -> float:
    """The most that was in memory since `reset_peak`; where that cannot be reset, since the start."""
    return _read("VmHWM") or _most_mb()


def reset_peak() -> None:
    """Begin to measure anew."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def offer() -> None:
    """Where memory runs out, the system shall end this process rather than the one it works for."""
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("800")


class MemoryLimit:
    """Ends the process when more than `mb` are in memory; None: no limit."""

    def __init__(self) -> None:
        self.mb: float | None = None
        threading.Thread(target=self._watch, daemon=True).start()

    def set(self, mb: int) -> None:
        """The system refuses a little more than `mb` at once, even to a library that never lets the watch run."""
        self.mb = mb
        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_DATA, ((mb + _ROOM_MB) * 2**20, resource.RLIM_INFINITY))

    def _watch(self) -> None:
        while True:
            time.sleep(_LOOK_S)
            if self.mb is not None and resident_mb() > self.mb:
                os._exit(OUT_OF_MEMORY)


def _read(key: str) -> float:
    try:
        for line in _STATUS.read_text().splitlines():
            if line.startswith(key):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


def _most_mb() -> float:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 1024
