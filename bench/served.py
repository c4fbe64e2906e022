"""A server in a process of its own: seconds until it answers a call, memory of all its processes, its end."""

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.load_client import request
from bench.programs import ROOT, kill_tree, tree, tree_mb

READY_S = 180.0
EVERY_S = 0.05
STOP_S = 15.0


@dataclass(frozen=True)
class Upstreams:
    """Where the models are: ports of the cheap one, and of the dear one it falls back to, if any."""

    cheap: int
    dear: int | None = None


@dataclass(frozen=True)
class Server:
    """How to start a server and what a call of it carries; its files, and a database's, are in `home`."""

    command: Sequence[str]
    port: int
    home: Path
    headers: Mapping[str, str]
    environment: Mapping[str, str] = field(default_factory=dict)
    model: str = "bench-model"


class Served:
    """Within, the server runs; it has answered a call before."""

    def __init__(self, server: Server) -> None:
        self.server, self.start_seconds = server, 0.0

    def __enter__(self) -> Self:
        server, began = self.server, time.perf_counter()
        self._log = server.home / f"log-{server.port}"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                server.command,
                cwd=ROOT,
                env={**os.environ, **server.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            self._wait(began + READY_S)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        self.start_seconds = time.perf_counter() - began
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(STOP_S)
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        for pid in list(self._processes())[1:]:
            kill_tree(pid)

    def megabytes(self) -> dict[str, float]:
        """Memory of all processes: resident, and with shared pages counted once."""
        pids = list(self._processes())
        return {
            "rss_mb": sum(tree_mb(pid) for pid in pids),
            "pss_mb": sum(tree_mb(pid, shared_once=True) for pid in pids),
        }

    def cpu_seconds(self) -> float:
        """Processor time of all processes so far, which other programs on the machine hardly change."""
        return sum(_cpu(one) for pid in self._processes() for one in set(tree(pid)))

    def _processes(self) -> Iterator[int]:
        """The server, and the database it left running in its home."""
        yield self._process.pid
        for file in self.server.home.rglob("postmaster.pid"):
            with suppress(OSError, ValueError):
                yield int(file.read_text().split("\n")[0])

    def _wait(self, until: float) -> None:
        while not answers(self.server):
            if self._process.poll() is not None or time.perf_counter() > until:
                raise SystemExit(f"This server does not start: {self._log.read_text()[-2000:]}")
            time.sleep(EVERY_S)


def answers(server: Server) -> bool:
    """Whether a chat call has status 200."""
    call = request(server.port, server.model, server.headers, stream=False)
    with (
        suppress(OSError, http.client.HTTPException),
        socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection,
    ):
        connection.sendall(call)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return response.status == 200
    return False


def _cpu(pid: int) -> float:
    with suppress(OSError):
        user, system = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")
    return 0.0


def free_port() -> int:
    """A port of the loopback interface that nothing listens at."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])
