"""The embedded Postgres: one cluster a home, shared by every process that needs it (docs/adr/0002).

Three files lock it by `flock`, which the kernel releases however a process dies: `start.lock` is held while
someone starts or stops the server, its users share `users.lock`, the server itself inherits `server.lock`.
"""

import atexit
import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import make_conninfo

from state.errors import KairosError
from state.postgres import cluster


@dataclass(frozen=True, slots=True)
class Server:
    """A running cluster in use by this process; `users` is the descriptor that says so."""

    folder: Path
    users: int


_held: list[Server] = []


def acquire(home: Path) -> Server:
    """The server of `home`, created and started if need be. Blocks; every call wants one `release`."""
    folder = home.resolve() / "postgres"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _starting(folder) as lock:
            users = _open(folder / "users.lock")
            fcntl.flock(users, fcntl.LOCK_SH)
            try:
                cluster.create(folder, lock)
                _run(folder)
            except BaseException:
                os.close(users)
                raise
    except OSError as error:
        raise cluster.failure(folder, str(error)) from error
    server = Server(folder, users)
    _held.append(server)
    return server


def conninfo(server: Server) -> str:
    """Where `server` listens now; it is started again if it died. Blocks."""
    with _starting(server.folder):
        host = _run(server.folder)
    return make_conninfo(host=str(host), port=cluster.SETTINGS["port"], user="kairos", dbname="postgres")


def release(server: Server) -> None:
    """End this use; the last one stops the server. Blocks."""
    if server not in _held:
        return
    _held.remove(server)
    with suppress(OSError, KairosError), _starting(server.folder):
        fcntl.flock(server.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        cluster.stop(server.folder)
    os.close(server.users)


@atexit.register
def _release_all() -> None:
    for server in _held[:]:
        release(server)


def _run(folder: Path) -> Path:
    """Start the server unless it runs, wait until it answers, and return the folder of its socket."""
    deadline = time.monotonic() + cluster.PATIENCE_S
    while True:
        host = cluster.answering(folder)
        if host is not None:
            return host
        lock = _open(folder / "server.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            cluster.start(folder, lock)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise cluster.failure(folder, "it runs and does not answer") from None
            time.sleep(0.02)
        finally:
            os.close(lock)


@contextmanager
def _starting(folder: Path) -> Iterator[int]:
    """Hold start.lock; another process may be creating or stopping the server meanwhile."""
    lock = _open(folder / "start.lock")
    deadline = time.monotonic() + cluster.PATIENCE_S
    try:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise cluster.failure(folder, "another process is still starting it") from None
                time.sleep(0.02)
        yield lock
    finally:
        os.close(lock)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
