"""The sandbox's process: runs one job for the process that started it, and never outlives it.

It and the interpreter's own process, which it starts, are one process group: the kernel ends both with the parent
(SIGIO on a pipe, as in tools.workers.worker), and whoever ends this one ends both.
"""

import fcntl
import math
import os
import resource
import select
import signal
import socket
import sys
import time

from tools.sandbox import closed, confined
from tools.sandbox.interpret import Interpreter, load, sees
from tools.sandbox.job import Job, Outcome, about_from, to_json
from tools.workers import memory
from tools.workers.frames import Stream, read_frame, write_frame

IDLE_S = 300
GRACE_S = 1.0
NICER = 10
FILES_OPEN = 64


def main() -> None:
    """Serve one job over the socket whose number is the first argument, unless none comes for five minutes."""
    _end_with_parent()
    memory.offer()
    _bound(resource.RLIMIT_CORE, 0)
    load()
    os.nice(NICER)  # somebody may be waiting for what is before this
    confined.confine(sees())
    closed.close()
    limit = memory.MemoryLimit()
    connection = socket.socket(fileno=int(sys.argv[1]))
    connection.set_inheritable(
        False
    )  # held by the interpreter too, it would not tell that this process is gone
    with connection, connection.makefile("rwb") as stream, Interpreter() as interpreter:
        _bound(resource.RLIMIT_NOFILE, FILES_OPEN)
        _bound(resource.RLIMIT_FSIZE, 0)  # nothing is written to the disk, through no door
        if not select.select([connection], [], [], IDLE_S)[0]:
            return
        job = _job(stream)
        if job is not None:
            write_frame(stream, to_json(_run(interpreter, job, limit)))


def _run(interpreter: Interpreter, job: Job, limit: memory.MemoryLimit) -> Outcome:
    limit.set(job.limits.memory_mb)
    seconds = job.limits.seconds + GRACE_S
    resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(seconds), math.ceil(seconds) + 1))
    signal.setitimer(signal.ITIMER_REAL, seconds)
    started = time.perf_counter()
    try:
        return interpreter.run(job, started)
    except MemoryError:
        os._exit(memory.OUT_OF_MEMORY)


def _job(stream: Stream) -> Job | None:
    about = read_frame(stream)
    if about is None:
        return None
    job, names = about_from(about)
    files = {name: read_frame(stream) or b"" for name in names}
    return Job(job.code, job.inputs, files, job.limits)


def _bound(which: int, most: int) -> None:
    resource.setrlimit(which, (most, most))


def _end_with_parent() -> None:
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    lifeline = sys.stdin.fileno()
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        sys.exit("gone already")


if __name__ == "__main__":
    main()
