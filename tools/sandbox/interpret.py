"""The interpreter of the sandbox: pydantic-monty, a Python without imports of ours, files, processes or network.

Nothing in it leads outside but what `os_access` answers: the granted files, in memory.
"""

import resource
import time
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from tools.sandbox.job import Job, Outcome
from tools.sandbox.values import plain

if TYPE_CHECKING:
    from pydantic_monty import MontySession, OSAccess

FOLDER = "/files"
DEEPEST = 200
_SYSTEM = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/etc/ld.so.cache",
    "/usr/share/zoneinfo",
    "/proc/self",
)
MOST_CALLS = 1000
"""Of files and the clock, by one job."""
_ROOM_MB = 64  # of the interpreter's process, beside what it counts itself


def load() -> None:
    """Read the library, which takes most of a start."""
    import pydantic_monty  # noqa: F401


def sees() -> list[str]:
    """The files and folders that the two processes read: code, no data."""
    import sysconfig

    from pydantic_monty._binary import find_monty_binary

    root = Path(__file__).resolve().parents[2]
    code = [sysconfig.get_paths()[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    return [*code, *_SYSTEM, str(root / "tools"), str(root / "state"), find_monty_binary()]


class Interpreter:
    """One interpreter in a process of its own, started with it; good for one job."""

    def __init__(self) -> None:
        from pydantic_monty import Monty

        self._pool = Monty(max_processes=1, max_checkouts_per_worker=1)

    def __enter__(self) -> Self:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)

    def run(self, job: Job, started: float) -> Outcome:
        """What came of the code."""
        from pydantic_monty import MontyCrashedError, MontyError

        said = _Said(job.limits.output_chars)
        value, error, code = None, "", ""
        with self._pool.checkout(limits=_limits(job), script_name="code.py") as session:
            _bound(session, job)
            try:
                found = session.feed_run(
                    job.code, inputs=dict(job.inputs), print_callback=said.take, os=_files(job)
                )
                value, cut = plain(found, job.limits.output_chars)
                said.truncated |= cut
            except MontyCrashedError as crash:
                late = time.perf_counter() - started >= job.limits.seconds
                code, error = _crash(crash.timed_out or late)
            except MontyError as failure:
                error, code = _told(failure, job.limits.output_chars)
        seconds = round(time.perf_counter() - started, 4)
        return Outcome(said.text, value, error, code, said.truncated, seconds)


class _Said:
    """What was printed, as far as it may be given; the rest is dropped, so that a flood only costs its time."""

    def __init__(self, most: int) -> None:
        self.text = ""
        self.truncated = False
        self._most = most

    def take(self, stream: str, text: str) -> None:
        left = self._most - len(self.text)
        self.truncated |= len(text) > left
        self.text += text[:left]


def _limits(job: Job) -> Any:
    return {
        "max_feed_duration_secs": job.limits.seconds,
        "max_memory": job.limits.memory_mb * 2**20,
        "max_recursion_depth": DEEPEST,
        "max_suspensions": MOST_CALLS,
        "max_total_sleep_secs": job.limits.seconds,
    }


def _files(job: Job) -> "OSAccess":
    from pydantic_monty import MemoryFile, OSAccess

    def content(data: bytes) -> str | bytes:
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data

    return OSAccess([MemoryFile(f"{FOLDER}/{name}", content(data)) for name, data in job.files.items()])


def _bound(session: "MontySession", job: Job) -> None:
    """The kernel's limits on the interpreter's process, should its own not hold."""
    pid = session.worker_pid
    if pid is None or not hasattr(resource, "prlimit"):
        return
    bytes_ = (job.limits.memory_mb + _ROOM_MB) * 2**20
    seconds = int(job.limits.seconds) + 2
    resource.prlimit(pid, resource.RLIMIT_DATA, (bytes_, bytes_))
    resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (0, 0))


def _told(failure: Any, most: int) -> tuple[str, str]:
    """The traceback, and the code where it was a limit that ended the run; the end of a long one is kept."""
    shown = failure.display()
    code = {"TimeoutError": "sandbox_timeout", "MemoryError": "sandbox_out_of_memory"}.get(
        type(failure.exception()).__name__, ""
    )
    return shown if len(shown) <= most else "…" + shown[-most:], code


def _crash(timed_out: bool) -> tuple[str, str]:
    if timed_out:
        return "sandbox_timeout", "The code took too long."
    return "sandbox_out_of_memory", "The code needs more memory than it may take."
