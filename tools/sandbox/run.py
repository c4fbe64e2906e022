"""Runs of sandboxed code, each in a process that nothing ran in before and nothing runs in after."""

import asyncio
import atexit
import os
import re
import signal
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from functools import lru_cache
from typing import Any

from state.errors import KairosError
from tools.sandbox.job import Job, Limits, Outcome, outcome_from, to_messages
from tools.workers.memory import OUT_OF_MEMORY
from tools.workers.process import Worker
from tools.workers.slots import Slots

COMMAND = (sys.executable, "-m", "tools.sandbox.worker")
START_S = 20.0
"""Seconds that a process has to begin, however busy the machine is, and beside those of the code."""
LONGEST = 100_000
"""Characters of code."""
_NAME = re.compile(r"[\w][\w. -]{0,99}")
_LOOK_S, _LOOKS = 0.01, 200


async def run_python(
    code: str,
    inputs: Mapping[str, Any] | None = None,
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
) -> Outcome:
    """Run code that finds `inputs` (names to JSON values) and, below /files, `files` by name; nothing else.

    Its own failures are in the outcome. Raises KairosError: sandbox_refused (too large, names that cannot be),
    sandbox_failed (its process cannot start or ended by itself). Cancelling ends it at once.
    """
    job = Job(code, inputs or {}, files or {}, limits or Limits())
    _check(job)
    return await sandbox().run(job)


class Sandbox:
    """At most `size` runs at once; `spare` processes are kept ready, so that a run need not start one."""

    def __init__(self, size: int, spare: int = 1) -> None:
        self._slots = Slots(size)
        self._spare = spare
        self.ready: list[Worker] = []
        self._lock = threading.Lock()

    async def run(self, job: Job) -> Outcome:
        """As `run_python`."""
        messages = _messages(job)
        async with self._slots.one():
            while (worker := self._taken()) is None:
                # It is kept first, so that none is lost when who asked for it is cancelled meanwhile.
                await asyncio.to_thread(self._add)
            try:
                return await _attend(worker, job.limits, messages)
            finally:
                end(worker)
                asyncio.get_running_loop().run_in_executor(None, self._after, worker)

    def _taken(self) -> Worker | None:
        with self._lock:
            while self.ready:
                worker = self.ready.pop()
                if not _ended(worker):
                    return worker
                end(worker)
        return None

    def _after(self, worker: Worker) -> None:
        """Wait for one that was ended, which takes as long as its memory, and start the next."""
        worker.process.wait()
        with suppress(KairosError):
            while len(self.ready) < self._spare:
                self._add()

    def _add(self) -> None:
        made = _start()
        with self._lock:
            self.ready.append(made)

    def close(self) -> None:
        """End the processes that wait."""
        with self._lock:
            while self.ready:
                waiting = self.ready.pop()
                end(waiting)
                waiting.process.wait()


@lru_cache(maxsize=1)
def sandbox() -> Sandbox:
    """The sandbox of this process."""
    made = Sandbox(os.cpu_count() or 1)
    atexit.register(made.close)
    return made


def end(worker: Worker) -> None:
    """End a worker and all that it started, without waiting for it.

    Not after it was waited for: its number could be another's by then.
    """
    if worker.process.returncode is None:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(worker.process.pid, signal.SIGKILL)
    worker.kill()


async def _attend(worker: Worker, limits: Limits, messages: list[bytes]) -> Outcome:
    # Escaped as JSON a character has at most six bytes; three texts, and some room.
    most = 3 * 6 * limits.output_chars + 10_000
    answer = None
    try:
        async with asyncio.timeout(START_S + limits.seconds):
            with suppress(ConnectionError):  # it is gone: so says the next line too
                await worker.send(*messages)
            answer = await worker.receive(most)
    except TimeoutError:
        return _too_long()
    if answer is not None:
        return outcome_from(answer)
    return await _why(worker)


async def _why(worker: Worker) -> Outcome:
    for _ in range(_LOOKS):
        if _ended(worker):
            break
        await asyncio.sleep(_LOOK_S)
    end(worker)
    status = await asyncio.to_thread(worker.process.wait)
    if status in (-signal.SIGALRM, -signal.SIGXCPU):
        return _too_long()
    if status in (OUT_OF_MEMORY, -signal.SIGKILL):
        sentence = "The code needs more memory than it may take."
        return Outcome(error=sentence, code="sandbox_out_of_memory")
    raise KairosError(
        "sandbox_failed",
        f"The sandbox ended by itself (status {status}); `python -m tools.sandbox.worker` may say why.",
    )


def _too_long() -> Outcome:
    return Outcome(error="The code took too long.", code="sandbox_timeout")


def _ended(worker: Worker) -> bool:
    """Whether it ended, without waiting for it: until then its number is nobody else's."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return worker.process.poll() is not None
    return os.waitid(os.P_PID, worker.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def _start() -> Worker:
    try:
        return Worker(COMMAND)
    except OSError as error:
        raise KairosError("sandbox_failed", f"No sandbox can be started: {error.strerror}.") from error


def _check(job: Job) -> None:
    if len(job.code) > LONGEST:
        raise _refused(f"the code is longer than {LONGEST} characters")
    for name in job.inputs:
        if not name.isidentifier():
            raise _refused(f"{name[:60]!r} cannot be a name in Python")
    for name in job.files:
        if not _NAME.fullmatch(name):
            raise _refused(f"{name[:60]!r} cannot be the name of a file here")


def _messages(job: Job) -> list[bytes]:
    try:
        messages = to_messages(job)
    except (TypeError, ValueError, RecursionError):
        raise _refused("its inputs are not JSON") from None
    if sum(map(len, messages)) > job.limits.files_mb * 2**20:
        raise _refused(f"its inputs and files have more than {job.limits.files_mb} MB")
    return messages


def _refused(what: str) -> KairosError:
    return KairosError("sandbox_refused", f"This code is not run: {what}.")
