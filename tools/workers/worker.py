"""The worker process: reads files for the process that started it, and never outlives it.

Standard input is a pipe on which nothing ever comes: when the other process is gone, however it ended, the system
sends SIGIO, and no loop in C can put that off. An alarm ends a file that takes far too long even then.
"""

import fcntl
import math
import os
import resource
import select
import signal
import socket
import sys

from tools.workers import memory
from tools.workers.frames import BEGUN, END, PART, Stream, read_frame, write_frame
from tools.workers.part import Job, job_from, to_json
from tools.workers.reading import read

IDLE_S = 60
GRACE_S = 5
NICER = 10


def main() -> None:
    """Serve the socket whose number is the first argument, until it is closed or nothing came for a minute."""
    _end_with_parent()
    os.nice(NICER)
    memory.offer()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a crash must not leave people's documents on the disk
    limit = memory.MemoryLimit()
    connection = socket.socket(fileno=int(sys.argv[1]))
    with connection, connection.makefile("rwb") as stream:
        while select.select([connection], [], [], IDLE_S)[0]:
            asked, data = read_frame(stream), read_frame(stream)
            if asked is None or data is None:
                return
            _serve(stream, job_from(asked), data, limit)


def _serve(stream: Stream, job: Job, data: bytes, limit: memory.MemoryLimit) -> None:
    seconds = math.ceil(job.limits.seconds) + GRACE_S
    limit.set(job.limits.memory_mb)
    signal.alarm(seconds)
    try:
        for step in read(job, data):
            signal.alarm(seconds)
            told = BEGUN + step.encode() if isinstance(step, str) else PART + to_json(step)
            write_frame(stream, told)
    except MemoryError:
        os._exit(memory.OUT_OF_MEMORY)
    signal.alarm(0)
    limit.mb = None
    write_frame(stream, END + f"{memory.resident_mb():.0f}".encode())


def _end_with_parent() -> None:
    signal.signal(signal.SIGIO, signal.SIG_DFL)
    lifeline = sys.stdin.fileno()
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(lifeline, fcntl.F_SETFL, fcntl.fcntl(lifeline, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:
        sys.exit("gone already")


if __name__ == "__main__":
    main()
