"""The pool: a wrong database is told in one sentence, dead connections heal, identities are kept apart."""

import asyncio
import os
import signal
import socket
import struct
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from state.errors import KairosError
from state.identity import Identity
from state.postgres import cluster, embedded
from state.postgres.pool import Pool, admin, close_pool, connection, fetch, open_pool, scoped
from state.settings import settings

if TYPE_CHECKING:
    from state.postgres.embedded import Server

SECRET = "s3cret-w0rd"


@pytest.fixture
async def refused(monkeypatch: pytest.MonkeyPatch, home: Any) -> AsyncIterator[Any]:
    """Opens the pool on a URL and returns the error that a person would read."""
    await close_pool()

    async def refusal(url: str) -> KairosError:
        monkeypatch.setenv("KAIROS_DATABASE_URL", url)
        settings.cache_clear()
        with pytest.raises(KairosError) as caught:
            await open_pool()
        assert SECRET not in str(caught.value)
        assert caught.value.sentence.count("\n") == 0
        return caught.value

    yield refusal
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def old_postgres() -> Iterator[int]:
    """The port of something that greets like Postgres 14."""

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + struct.pack("!i", len(body) + 4) + body

    def greet(listener: socket.socket) -> None:
        client, _ = listener.accept()
        with client:
            while struct.unpack("!ii", client.recv(4096)[:8])[1] != 196608:
                client.sendall(b"N")  # neither TLS nor GSSAPI
            client.sendall(message(b"R", struct.pack("!i", 0)))
            client.sendall(message(b"S", b"server_version\x0014.9\0") + message(b"Z", b"I"))
            client.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        greeter = threading.Thread(target=greet, args=(listener,))
        greeter.start()
        yield listener.getsockname()[1]
        greeter.join(timeout=10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


async def test_nobody_listens(refused: Any) -> None:
    error = await refused(f"postgresql://kairos:{SECRET}@127.0.0.1:{_free_port()}/kairos")
    assert error.code == "database_unavailable"
    assert "the connection was refused" in error.sentence


async def test_an_unknown_host(refused: Any) -> None:
    error = await refused(f"postgresql://kairos:{SECRET}@nowhere.invalid/kairos")
    assert "nowhere.invalid:5432 cannot be used: the host name is unknown" in error.sentence


@pytest.mark.parametrize("url", [f"mysql://kairos:{SECRET}@host/db", SECRET, f"postgresql://h/d?{SECRET}=1"])
async def test_a_url_that_is_none(refused: Any, url: str) -> None:
    error = await refused(url)
    assert "KAIROS_DATABASE_URL cannot be read: it looks like postgresql://" in error.sentence


async def test_a_server_that_never_answers(refused: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        error = await refused(f"postgresql://kairos:{SECRET}@127.0.0.1:{port}/x?connect_timeout=2")
    assert "there was no answer within 2 s" in error.sentence


async def test_an_old_server(refused: Any, old_postgres: int) -> None:
    error = await refused(f"postgresql://kairos:{SECRET}@127.0.0.1:{old_postgres}/kairos")
    assert error.code == "database_too_old"
    assert "is version 14: Kairos needs 15 or newer" in error.sentence


async def test_an_unknown_database_and_user(refused: Any, server: "Server") -> None:
    where = await asyncio.to_thread(embedded.conninfo, server)
    assert "there is no database nope" in (await refused(make_conninfo(where, dbname="nope"))).sentence
    assert "there is no user nobody" in (await refused(make_conninfo(where, user="nobody"))).sentence


async def test_a_wrong_password(refused: Any, server: "Server") -> None:
    where = await asyncio.to_thread(embedded.conninfo, server)
    rules = server.folder / "data/pg_hba.conf"
    kept = rules.read_text()
    async with await psycopg.AsyncConnection.connect(where, autocommit=True) as owner:
        await owner.execute("CREATE ROLE locked LOGIN PASSWORD 'right'")
        try:
            rules.write_text("local all locked scram-sha-256\n" + kept)
            await owner.execute("SELECT pg_reload_conf()")
            await asyncio.sleep(0.2)
            wrong = await refused(make_conninfo(where, user="locked", password=SECRET))
            none = await refused(make_conninfo(where, user="locked"))
        finally:
            rules.write_text(kept)
            await owner.execute("DROP ROLE locked")
            await owner.execute("SELECT pg_reload_conf()")
    assert "the password for user locked is wrong" in wrong.sentence
    assert "user locked needs a password" in none.sentence


async def test_a_postgres_without_pgvector(refused: Any, server: "Server", database: str) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute("CREATE ROLE plain LOGIN")
        try:
            error = await refused(make_conninfo(database, user="plain"))
        finally:
            await owner.execute("DROP ROLE plain")
    assert error.code == "database_without_pgvector"
    assert "install it" in error.sentence


async def test_connections_that_the_server_ended_are_replaced(pool: Pool) -> None:
    @asynccontextmanager
    async def several(count: int) -> AsyncIterator[list[Any]]:
        if count == 0:
            yield []
        else:
            async with connection() as one, several(count - 1) as others:
                yield [one, *others]

    async with several(4) as opened:
        pids = [one.info.backend_pid for one in opened]
        keeper, *others = pids
        await opened[0].execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM unnest(%s::int[]) AS pid WHERE pid <> %s",
            (others, keeper),
        )
    async with several(4) as opened:
        for one in opened:
            assert await (await one.execute("SELECT 1 AS one")).fetchone() == {"one": 1}
            assert one.info.backend_pid not in others


async def test_a_killed_server_is_started_again(pool: Pool, server: "Server") -> None:
    async with connection() as found:
        await found.execute("SELECT 1")
    postmaster = int((server.folder / "data/postmaster.pid").read_text().split("\n")[0])
    os.kill(postmaster, signal.SIGQUIT)
    while await asyncio.to_thread(cluster.answering, server.folder):  # noqa: ASYNC110
        await asyncio.sleep(0.02)
    # Comes back only when the old server's last process is gone and a new one answers.
    await asyncio.to_thread(embedded.conninfo, server)
    async with connection() as found:
        assert await (await found.execute("SELECT 1 AS one")).fetchone() == {"one": 1}


async def test_a_full_pool_says_so(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAIROS_POOL_MAX", "1")
    monkeypatch.setattr("state.postgres.pool.WAIT_S", 0.2)
    settings.cache_clear()
    async with connection():
        with pytest.raises(KairosError, match="No database connection") as caught:
            async with connection():
                pass
    assert caught.value.code == "database_unavailable"


async def test_every_event_loop_has_a_pool_of_its_own(pool: Pool) -> None:
    async def elsewhere() -> bool:
        try:
            return await open_pool() is await open_pool() is not pool
        finally:
            await close_pool()

    assert await asyncio.to_thread(lambda: asyncio.run(elsewhere()))
    assert await open_pool() is pool


ANN = Identity("acme", "ann", ("hr", 'odd "quoted" \\ group'))


@pytest.fixture
async def notes(database: str) -> None:
    """A table whose rows only their tenant sees, and of those with a group only its members."""
    async with admin() as owner:
        await owner.execute(
            """
            CREATE TABLE notes (tenant text, team text, text text);
            INSERT INTO notes VALUES ('acme', NULL, 'open'), ('acme', 'hr', 'hr only'),
                ('acme', 'it', 'it only'), ('acme', 'odd "quoted" \\ group', 'odd'),
                ('other', NULL, 'theirs');
            ALTER TABLE notes ENABLE ROW LEVEL SECURITY;
            GRANT SELECT, INSERT ON notes TO kairos_member;
            CREATE POLICY own ON notes TO kairos_member USING (
                tenant = current_setting('kairos.tenant')
                AND (team IS NULL OR current_setting('kairos.groups')::jsonb ? team))
            """
        )


async def _texts(found: Any) -> list[str]:
    rows = await (await found.execute("SELECT text FROM notes ORDER BY text")).fetchall()
    return [row["text"] for row in rows]


async def test_scoped_shows_what_the_identity_may_see(notes: None) -> None:
    async with scoped(ANN) as found:
        assert await _texts(found) == ["hr only", "odd", "open"]
    async with scoped(Identity("other", "bob")) as found:
        assert await _texts(found) == ["theirs"]
    async with scoped(Identity("' OR true --", "eve", ("']", "hr"))) as found:
        assert await _texts(found) == []


async def test_scoped_leaves_nothing_on_the_connection(notes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    await close_pool()
    monkeypatch.setenv("KAIROS_POOL_MAX", "1")
    settings.cache_clear()
    async with scoped(ANN) as found:
        pid = found.info.backend_pid
    async with connection() as found:
        assert found.info.backend_pid == pid
        cursor = await found.execute("SELECT current_user AS a, current_setting('kairos.tenant', true) AS t")
        assert await cursor.fetchone() == {"a": "kairos", "t": ""}


async def test_scoped_commits_or_rolls_back(notes: None) -> None:
    async with scoped(ANN) as found:
        await found.execute("INSERT INTO notes VALUES ('acme', NULL, 'new')")

    async def forge() -> None:
        async with scoped(ANN) as found:
            await found.execute("INSERT INTO notes VALUES ('acme', NULL, 'lost')")
            await found.execute("INSERT INTO notes VALUES ('other', NULL, 'forged')")

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await forge()
    async with admin() as owner:
        assert await _texts(owner) == ["hr only", "it only", "new", "odd", "open", "theirs"]


async def test_concurrent_identities_never_mix(notes: None) -> None:
    async def seen(tenant: str) -> tuple[str, ...]:
        async with scoped(Identity(tenant, "someone")) as found:
            await asyncio.sleep(0)
            return (tenant, *await _texts(found))

    found = await asyncio.gather(*(seen(("acme", "other")[i % 2]) for i in range(60)))
    assert set(found) == {("acme", "open"), ("other", "theirs")}


async def test_one_round_trip_reads_as_the_asker_and_leaves_nothing_behind(pool: Pool) -> None:
    who = "SELECT current_user AS role, current_setting('kairos.tenant') AS tenant, %s AS given"
    for tenant in ("north", "south"):
        rows = await fetch(Identity(tenant, "ann"), who, (1,), binary=True)
        assert rows == [{"role": "kairos_member", "tenant": tenant, "given": 1}]
    async with connection() as found:
        cursor = await found.execute(
            "SELECT current_user <> 'kairos_member' AS mine, "
            "nullif(current_setting('kairos.tenant', true), '') AS tenant"
        )
        assert await cursor.fetchone() == {"mine": True, "tenant": None}


async def test_what_fails_in_one_round_trip_is_told_and_the_next_goes_on(pool: Pool) -> None:
    asker = Identity("north", "ann")
    for _ in range(3):
        with pytest.raises(psycopg.errors.DivisionByZero):
            await fetch(asker, "SELECT 1 / %s::integer AS n", (0,))
        with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
            await fetch(asker, "UPDATE documents SET title = ''", ())
        assert await fetch(asker, "SELECT 1 AS n", ()) == [{"n": 1}]
