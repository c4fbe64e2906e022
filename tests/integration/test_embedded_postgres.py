"""The embedded Postgres under races and kill -9, each user a real process."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from state.errors import KairosError
from state.postgres import cluster, embedded

IDENTITY = "SELECT system_identifier::text FROM pg_control_system()"
USER = f"""
import sys
from pathlib import Path
import psycopg
from state.postgres import embedded
server = embedded.acquire(Path(sys.argv[1]))
with psycopg.connect(embedded.conninfo(server)) as connection:
    print(connection.execute("{IDENTITY}").fetchone()[0], flush=True)
for line in sys.stdin:
    with psycopg.connect(embedded.conninfo(server)) as connection:
        print(connection.execute(line).fetchone()[0], flush=True)
"""


class User:
    """A process that uses a home's Postgres until it is told to leave or killed."""

    def __init__(self, home: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def hears(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def asks(self, statement: str) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write(statement + "\n")
        self.process.stdin.flush()
        return self.hears()

    def ends(self, *, killed: bool = False) -> None:
        if killed:
            self.process.kill()
        self.process.communicate(timeout=60)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder for homes; a server that is left in it is stopped."""
    with TemporaryDirectory(prefix="kairos-test-") as folder:
        yield Path(folder)
        for home in (path.parent for path in Path(folder).rglob("postgres") if path.is_dir()):
            if _answers(home):
                embedded.release(embedded.acquire(home))


@pytest.fixture
def user(place: Path) -> Iterator[Callable[[Path], User]]:
    """Starts users of a home; those that live at the end of the test leave."""
    users: list[User] = []

    def start(home: Path) -> User:
        users.append(User(home))
        return users[-1]

    yield start
    for one in users:
        if one.process.returncode is None:
            one.ends()


def _answers(home: Path) -> bool:
    return cluster.answering(home / "postgres") is not None


def _postmaster(home: Path) -> int:
    return int((home / "postgres/data/postmaster.pid").read_text().split("\n")[0])


def test_racing_first_starts_share_one_server(place: Path, user: Callable[[Path], User]) -> None:
    users = [user(place) for _ in range(3)]
    assert len({one.hears() for one in users}) == 1
    users[0].ends()
    assert users[1].asks("SELECT 1") == "1"
    users[1].ends()
    users[2].ends()
    assert not _answers(place)


def test_the_starter_is_killed_while_another_goes_on(place: Path, user: Callable[[Path], User]) -> None:
    starter = user(place)
    starter.hears()
    other = user(place)
    other.hears()
    starter.ends(killed=True)
    assert other.asks("SELECT 2") == "2"
    other.ends()
    assert not _answers(place)


def test_a_killed_last_user_leaves_a_server_to_the_next(place: Path, user: Callable[[Path], User]) -> None:
    first = user(place)
    first.hears()
    first.ends(killed=True)
    assert _answers(place)
    second = user(place)
    second.hears()
    second.ends()
    assert not _answers(place)


def test_data_survives_when_user_and_server_are_killed(place: Path, user: Callable[[Path], User]) -> None:
    first = user(place)
    first.hears()
    server = embedded.acquire(place)
    with psycopg.connect(embedded.conninfo(server), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS n")
    first.ends(killed=True)
    os.kill(_postmaster(place), signal.SIGKILL)
    while _answers(place):
        time.sleep(0.02)
    with psycopg.connect(embedded.conninfo(server)) as connection:
        assert connection.execute("SELECT n FROM kept").fetchone() == (7,)
    embedded.release(server)
    assert not _answers(place)


def test_a_pid_file_left_behind_does_not_count_although_its_pid_lives(place: Path) -> None:
    embedded.release(embedded.acquire(place))
    left = place / "postgres/data/postmaster.pid"
    left.write_text(f"{os.getpid()}\n{left.parent}\n1\n5432\n{left.parent}\n\n  1 2\nready   \n")
    server = embedded.acquire(place)
    assert _postmaster(place) != os.getpid()
    embedded.release(server)


def test_a_creation_cut_short_is_begun_again(place: Path) -> None:
    draft = place / "postgres/data.new"
    draft.mkdir(parents=True)
    (draft / "PG_VERSION").write_text("18\n")
    server = embedded.acquire(place)
    assert _answers(place)
    embedded.release(server)


def test_two_homes_have_nothing_in_common(place: Path) -> None:
    one, two = embedded.acquire(place / "one"), embedded.acquire(place / "two")
    found = set()
    for server in (one, two):
        with psycopg.connect(embedded.conninfo(server)) as connection:
            found.add(connection.execute(IDENTITY).fetchone())
    assert len(found) == 2
    embedded.release(one)
    assert _answers(place / "two")
    embedded.release(two)


def test_a_home_too_deep_for_a_socket_and_with_odd_names(place: Path) -> None:
    home = place / "it's a, deep = folder" / ("d" * 120)
    server = embedded.acquire(home)
    sockets = cluster.answering(home / "postgres")
    assert sockets is not None
    assert sockets.stat().st_mode & 0o777 == 0o700
    with psycopg.connect(embedded.conninfo(server)) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    embedded.release(server)
    assert not sockets.exists()


def test_a_home_that_cannot_be_made_is_named(place: Path) -> None:
    (place / "file").write_text("")
    with pytest.raises(KairosError, match=r"file/postgres failed: .*Not a directory") as caught:
        embedded.acquire(place / "file")
    assert caught.value.code == "embedded_postgres_failed"


def test_a_database_of_another_postgres_version_is_refused(place: Path) -> None:
    data = place / "postgres/data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("17\n")
    with pytest.raises(KairosError, match="made by Postgres 17, and this Kairos brings 18"):
        embedded.acquire(place)
    (data / "PG_VERSION").unlink()
    data.rmdir()


def test_a_damaged_database_tells_what_postgres_says(place: Path) -> None:
    embedded.release(embedded.acquire(place))
    control = place / "postgres/data/global/pg_control"
    kept = control.read_bytes()
    control.write_bytes(b"")
    with pytest.raises(KairosError, match="pg_control"):
        embedded.acquire(place)
    control.write_bytes(kept)


def test_a_platform_without_programs(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr(cluster, "MAJOR", 99)
    with pytest.raises(KairosError, match="no embedded Postgres for this platform: set KAIROS_DATABASE_URL"):
        embedded.acquire(place)
