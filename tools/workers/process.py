"""One worker process, seen from the process that uses it."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.workers.frames import receive_frame, send_frame
from tools.workers.memory import OUT_OF_MEMORY

ROOT = Path(__file__).resolve().parents[2]
COMMAND = (sys.executable, "-m", "tools.workers.worker")

_PASSED_ON = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LC_CTYPE",
    "TMPDIR",
    "TZ",
    "LD_LIBRARY_PATH",
    "DYLD_LIBRARY_PATH",
)
_BUFFER = 2**20  # bytes on their way: fewer wake-ups for large files
_LOOK_S, _LOOKS = 0.01, 200  # two seconds to be gone after the connection is


class Worker:
    """A running worker; `files` counts what it has read."""

    def __init__(self, command: Sequence[str]) -> None:
        """Start it, which takes some milliseconds. Raises OSError."""
        self._connection, theirs = socket.socketpair()
        self.files = 0
        with theirs:
            try:
                self.process = _start([*command, str(theirs.fileno())], theirs.fileno())
            except BaseException:
                self._connection.close()
                raise
        self._connection.setblocking(False)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER)

    async def send(self, *messages: bytes) -> None:
        """Raises OSError if the worker is gone."""
        for message in messages:
            await send_frame(self._connection, message)

    async def receive(self, most: int | None = None) -> bytes | None:
        """The next message; None if the worker is gone, or says more than `most` bytes."""
        return await receive_frame(self._connection, most)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def kill(self) -> None:
        """End it at once, whatever it is doing."""
        self.process.kill()
        self._connection.close()
        if self.process.stdin:
            self.process.stdin.close()

    async def failure(self) -> tuple[str, str]:
        """Why a worker that is gone ended: a code, and what a sentence says after the name of the file."""
        for _ in range(_LOOKS):
            if not self.alive():
                break
            await asyncio.sleep(_LOOK_S)
        status = self.process.returncode
        if status is None:
            return "parse_crashed", "made its parser lose its connection"
        if status in (OUT_OF_MEMORY, -signal.SIGKILL):  # the system kills what it has no memory for
            return "parse_out_of_memory", "needs more memory to be read than it may take"
        if status == -signal.SIGALRM:
            return "parse_timeout", "took too long to read"
        ended = f"by signal {signal.Signals(-status).name}" if status < 0 else f"with status {status}"
        return "parse_crashed", f"made its parser crash: the process ended {ended}"


def _start(command: Sequence[str], connection: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 - our own command
        command,
        stdin=subprocess.PIPE,  # the worker ends when this is closed
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=[connection],
        cwd=ROOT,
        env=_environment(),
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """No keys, tokens or addresses of databases: what reads strangers' files must not know them."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {
        **kept,
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)]),
        "OMP_NUM_THREADS": "1",
    }
