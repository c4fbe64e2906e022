"""The worker processes of this process, started when needed and kept for the next file."""

import asyncio
import atexit
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import lru_cache

from state.errors import KairosError
from state.settings import settings
from tools.workers.frames import BEGUN, END, PART
from tools.workers.part import Job, Limits, Part, part_from, to_json, too_large
from tools.workers.process import COMMAND, Worker
from tools.workers.slots import Slots

MOST_FILES = 200
"""Files that a worker reads before another takes its place: libraries leak."""
START_S = 30
"""Seconds in which a worker must have begun, however little time a file has and however busy the machine is."""
MOST_LOST = 5
"""Members that may hang or crash before the rest of the file is given up."""


@dataclass(slots=True)
class _Reading:
    """What has come of a file so far; `open`: the last member that was begun has not ended."""

    begun: list[str] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    open: bool = False
    lost: dict[str, tuple[str, str]] = field(default_factory=dict)
    given_up: tuple[str, str] | None = None

    @property
    def done(self) -> list[str]:
        return [member for member in self.begun if member not in self.lost]


class Pool:
    """Reads at most `size` files at once, each in a process of its own that runs `command`."""

    def __init__(self, size: int, command: Sequence[str] = COMMAND) -> None:
        self._command = command
        self._slots = Slots(size)
        self._idle: list[Worker] = []
        self._ended: list[Worker] = []

    async def read(self, name: str, data: bytes, limits: Limits) -> list[Part]:
        """As `read_parts`."""
        if len(data) > limits.file_mb * 2**20:
            error = too_large(name, len(data), limits.file_mb)
            return [Part("", None, error.code, error.sentence)]
        reading = _Reading()
        async with self._slots.one():
            while not await self._go_on(reading, name, data, limits):
                pass
        return await asyncio.to_thread(_parts, name, reading)

    def close(self) -> None:
        """End all idle workers and wait until all are gone."""
        while self._idle:
            self._end(self._idle.pop())
        for worker in self._ended:
            worker.process.wait()
        self._ended.clear()

    async def _go_on(self, reading: _Reading, name: str, data: bytes, limits: Limits) -> bool:
        """Read what has not been read yet; whether that is all."""
        worker = await self._worker(name)
        job = Job(name, limits, reading.done, list(reading.lost))
        before = len(reading.begun)
        try:
            resident_mb = await self._attend(worker, job, data, reading)
            if resident_mb is not None:
                self._keep(worker, resident_mb, limits)
                return True
            if worker.files and len(reading.begun) == before:
                self._end(worker)  # it ended while idle, before it had the file
                return False
            failure = await worker.failure()
        except TimeoutError:
            failure = "parse_timeout", f"took longer than {limits.seconds:g} s to read"
        except BaseException:
            self._end(worker)
            raise
        self._end(worker)
        if not reading.begun:
            raise _unavailable(name, "it does not answer; `python -m tools.workers.worker` says why")
        return _lose(reading, *failure)

    async def _attend(self, worker: Worker, job: Job, data: bytes, reading: _Reading) -> int | None:
        """Note what a worker says until it ends; then the MB it has in memory, None if it is gone."""
        patience = max(START_S, job.limits.seconds)
        async with asyncio.timeout(patience):
            with suppress(ConnectionError):  # it is gone: so says the next line too
                await worker.send(to_json(job), data)
        while True:
            async with asyncio.timeout(patience):
                said = await worker.receive()
            patience = job.limits.seconds
            if said is None:
                return None
            kind, content = said[:1], said[1:]
            if kind == END:
                return int(content)
            reading.open = kind == BEGUN
            if kind == BEGUN:
                reading.begun.append(content.decode())
            elif kind == PART:
                reading.parts.append(content)

    async def _worker(self, name: str) -> Worker:
        """One that was idle, or a new one."""
        while True:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive():
                    return worker
                self._end(worker)
            try:
                await asyncio.to_thread(self._start)
            except OSError as error:
                raise _unavailable(name, str(error.strerror)) from error

    def _start(self) -> None:
        # It goes to the idle ones first, so that none is lost when who asked for it is cancelled meanwhile.
        self._idle.append(Worker(self._command))

    def _keep(self, worker: Worker, resident_mb: int, limits: Limits) -> None:
        worker.files += 1
        if worker.files < MOST_FILES and resident_mb < limits.memory_mb / 2:
            self._idle.append(worker)
        else:
            self._end(worker)

    def _end(self, worker: Worker) -> None:
        worker.kill()
        self._ended = [each for each in (*self._ended, worker) if each.alive()]


@lru_cache(maxsize=1)
def pool() -> Pool:
    """The pool of this process."""
    made = Pool(settings().parse_workers)
    atexit.register(made.close)
    return made


def settings_limits() -> Limits:
    """What a file may cost by the settings."""
    return Limits(seconds=settings().parse_seconds, memory_mb=settings().parse_memory_mb)


def _unavailable(name: str, cause: str) -> KairosError:
    return KairosError("parse_unavailable", f"{name} cannot be read: no worker process can start ({cause}).")


def _lose(reading: _Reading, code: str, cause: str) -> bool:
    """Give up the member that ended a worker; whether there is nothing left to read without it."""
    member = reading.begun[-1] if reading.open else ""
    if not member or len(reading.lost) == MOST_LOST:
        reading.given_up = (code, cause)
        return True
    reading.lost[member] = (code, cause)
    reading.open = False
    return False


def _parts(name: str, reading: _Reading) -> list[Part]:
    """What was read, each failure once: that of a container comes again when it is read again."""
    parts = [part_from(content) for content in reading.parts]
    parts += [
        Part(member, None, code, f"{name}/{member} {cause}.")
        for member, (code, cause) in reading.lost.items()
    ]
    if reading.given_up:
        code, cause = reading.given_up
        parts.append(Part("", None, code, f"{name} {cause}."))
    if not parts:
        parts.append(Part("", None, "file_no_text", f"{name} holds no files."))
    return list({(part.member, part.code): part for part in parts}.values())
