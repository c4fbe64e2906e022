"""Migrations on a real Postgres."""

import asyncio
from pathlib import Path

import psycopg
import pytest
from langgraph.store.postgres.aio import AsyncPostgresStore
from psycopg import AsyncConnection
from psycopg.rows import DictRow

from state.errors import KairosError
from state.postgres.connect import OPTIONS
from state.postgres.migrate import migrate
from state.postgres.pool import open_pool


async def _connect(where: str) -> AsyncConnection[DictRow]:
    return await AsyncConnection[DictRow].connect(where, **OPTIONS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two small migrations."""
    (tmp_path / "0001_one.sql").write_text("CREATE TABLE one (id int); INSERT INTO one VALUES (1);")
    (tmp_path / "0002_two.sql").write_text("CREATE TABLE two AS SELECT id + 1 AS id FROM one;")
    return tmp_path


async def test_every_file_is_applied_once(database: str, folder: Path) -> None:
    async with await _connect(database) as connection:
        assert await migrate(connection, folder) == ["0001_one", "0002_two"]
        assert await migrate(connection, folder) == []
        row = await (await connection.execute("SELECT (SELECT id FROM two), count(*) FROM one")).fetchone()
    assert row == {"id": 2, "count": 1}


async def test_racing_processes_apply_every_file_once(database: str, folder: Path) -> None:
    async def one() -> list[str]:
        async with await _connect(database) as connection:
            return await migrate(connection, folder)

    applied = await asyncio.gather(*(one() for _ in range(8)))
    assert sorted(applied) == [[]] * 7 + [["0001_one", "0002_two"]]


async def test_a_migration_gives_way_to_those_who_read_and_ends_none_of_them(
    database: str, folder: Path
) -> None:
    async with await _connect(database) as connection, await _connect(database) as reader:
        await migrate(connection, folder)
        (folder / "0003_both.sql").write_text(
            "ALTER TABLE two ADD a int; SELECT pg_sleep(0.2); ALTER TABLE one ADD b int;"
        )
        async with reader.transaction():
            await reader.execute("SELECT FROM one")
            migrating = asyncio.create_task(migrate(connection, folder))
            await asyncio.sleep(0.1)
            await reader.execute("SELECT FROM two")  # each would now wait for the other
            await asyncio.sleep(1.5)
            assert not migrating.done()
        assert await migrating == ["0003_both"]


async def test_a_failing_file_leaves_nothing_behind_and_those_before_stay(
    database: str, folder: Path
) -> None:
    (folder / "0003_bad.sql").write_text("CREATE TABLE three (id int); SELECT * FROM nowhere;")
    async with await _connect(database) as connection:
        with pytest.raises(KairosError, match='0003_bad failed: relation "nowhere" does not exist') as caught:
            await migrate(connection, folder)
        assert caught.value.code == "migration_failed"
        rows = await connection.execute(
            "SELECT to_regclass('three') AS three, to_regclass('two')::text AS two"
        )
        assert await rows.fetchone() == {"three": None, "two": "two"}
        (folder / "0003_bad.sql").write_text("CREATE TABLE three (id int);")
        assert await migrate(connection, folder) == ["0003_bad"]


async def test_a_changed_file_is_refused(database: str, folder: Path) -> None:
    async with await _connect(database) as connection:
        await migrate(connection, folder)
        (folder / "0001_one.sql").write_text("CREATE TABLE one (id bigint);")
        with pytest.raises(KairosError, match="0001_one was changed after this database applied it"):
            await migrate(connection, folder)


async def test_a_database_newer_than_the_code_is_refused(database: str, folder: Path) -> None:
    async with await _connect(database) as connection:
        await migrate(connection, folder)
        (folder / "0002_two.sql").unlink()
        with pytest.raises(KairosError, match="has migration 0002_two, unknown to this Kairos") as caught:
            await migrate(connection, folder)
    assert caught.value.code == "database_newer"


@pytest.mark.parametrize("name", ["12_short.sql", "0002_again.sql"])
async def test_wrong_names_and_numbers_are_refused(database: str, folder: Path, name: str) -> None:
    (folder / name).write_text("SELECT 1")
    async with await _connect(database) as connection:
        with pytest.raises(KairosError, match=name.replace(".sql", "") if "12" in name else "same number"):
            await migrate(connection, folder)


async def test_without_pgvector_it_says_how_to_install_it(database: str, folder: Path) -> None:
    async with await psycopg.AsyncConnection.connect(database, autocommit=True) as owner:
        await owner.execute("CREATE ROLE no_extensions LOGIN")
        try:
            async with await _connect(
                psycopg.conninfo.make_conninfo(database, user="no_extensions")
            ) as connection:
                with pytest.raises(KairosError, match="lacks the extension pgvector: install it") as caught:
                    await migrate(connection, folder)
        finally:
            await owner.execute("DROP ROLE no_extensions")
    assert caught.value.code == "database_without_pgvector"


async def test_our_own_migrations_and_langgraphs_tables(database: str) -> None:
    pool = await open_pool()
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT relname FROM pg_class WHERE relkind = 'r'")
        tables = {row["relname"] for row in await rows.fetchall()}
    assert tables >= {"schema_migrations", "documents", "chunks", "checkpoints", "checkpoint_writes", "store"}


async def test_langgraphs_tables_are_set_up_again_only_for_another_version(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    async def setup(self: AsyncPostgresStore) -> None:
        calls.append(self)

    await open_pool()
    monkeypatch.setattr(AsyncPostgresStore, "setup", setup)
    async with await _connect(database) as connection:
        await migrate(connection)
        assert not calls
        await connection.execute("COMMENT ON TABLE store IS '1.0'")
        await migrate(connection)
        await migrate(connection)
    assert len(calls) == 1
