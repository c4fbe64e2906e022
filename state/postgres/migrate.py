"""Migrations: numbered SQL files, forward only, one transaction each, safe when processes race."""

import asyncio
import hashlib
import random
import re
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from psycopg.sql import SQL, Literal

from state.errors import KairosError

YIELD_MS = 500
"""A migration waits so long for a lock and then gives way: the deadlock detector, which wakes after a second, would
end either of the two."""
TRIES = 120
FOLDER = Path(__file__).parent / "migrations"
LOCK = 0x4B4149524F53  # "KAIROS"; advisory locks are per database
LEDGER = """
CREATE TABLE IF NOT EXISTS schema_migrations (
    version    integer PRIMARY KEY,
    name       text NOT NULL,
    sha256     text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file: `version` and `name` from NNNN_name.sql, its text and its SHA-256 in hex."""

    version: int
    name: str
    sql: str
    sha256: str


async def migrate(connection: AsyncConnection[DictRow], folder: Path = FOLDER) -> list[str]:
    """Bring the database up to date; the names of what was applied now.

    `connection` is in autocommit mode. Raises KairosError: database_without_pgvector, migration_changed,
    database_newer, migration_failed.
    """
    migrations = await asyncio.to_thread(_read, folder)
    await _lock(connection)
    try:
        await _require_pgvector(connection)
        await connection.execute(LEDGER)
        rows = await connection.execute("SELECT version, name, sha256 FROM schema_migrations")
        applied = {row["version"]: row for row in await rows.fetchall()}
        _compare(migrations, applied)
        pending = [migration for migration in migrations if migration.version not in applied]
        for migration in pending:
            await _when_free(connection, migration)
        await _set_up_langgraph(connection)
    finally:
        if not connection.closed:
            await connection.execute("SELECT pg_advisory_unlock(%s)", (LOCK,))
    return [migration.name for migration in pending]


def _read(folder: Path) -> list[Migration]:
    migrations = []
    for path in sorted(folder.glob("*.sql")):
        named = re.fullmatch(r"(\d{4})_(\w+)", path.stem)
        if named is None:
            raise KairosError("migration_failed", f"{path} is not named NNNN_name.sql.")
        raw = path.read_bytes()
        migrations.append(Migration(int(named[1]), path.stem, raw.decode(), hashlib.sha256(raw).hexdigest()))
    numbers = [migration.version for migration in migrations]
    if len(set(numbers)) < len(numbers):
        raise KairosError("migration_failed", f"Two migrations in {folder} have the same number.")
    return migrations


async def _lock(connection: AsyncConnection[DictRow]) -> None:
    # Polled: a session waiting inside Postgres would hold up LangGraph's CREATE INDEX CONCURRENTLY.
    for _ in range(6000):
        row = await (await connection.execute("SELECT pg_try_advisory_lock(%s) AS got", (LOCK,))).fetchone()
        if row and row["got"]:
            return
        await asyncio.sleep(0.05)
    raise KairosError("migration_failed", "Another process has been migrating this database for 5 minutes.")


async def _require_pgvector(connection: AsyncConnection[DictRow]) -> None:
    try:
        await connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
    except psycopg.Error as error:
        raise KairosError(
            "database_without_pgvector",
            "This Postgres lacks the extension pgvector: install it (Debian: postgresql-NN-pgvector; "
            "image: pgvector/pgvector) and run CREATE EXTENSION vector as the database's owner "
            f"({error.diag.message_primary or error}).",
        ) from error


def _compare(migrations: list[Migration], applied: dict[int, DictRow]) -> None:
    known = {migration.version: migration for migration in migrations}
    for version, row in sorted(applied.items()):
        if version not in known:
            raise KairosError(
                "database_newer",
                f"The database has migration {row['name']}, unknown to this Kairos: update Kairos to use it.",
            )
        if known[version].sha256 != row["sha256"]:
            raise KairosError(
                "migration_changed",
                f"Migration {known[version].name} was changed after this database applied it: "
                "restore the file and add a new migration instead.",
            )


async def _set_up_langgraph(connection: AsyncConnection[DictRow]) -> None:
    """LangGraph's own tables. Its version stands at one of them, so that it is imported only for a new one."""
    installed = metadata.version("langgraph-checkpoint-postgres")
    cursor = await connection.execute("SELECT obj_description(to_regclass('store'), 'pg_class') AS version")
    found = await cursor.fetchone()
    if found and found["version"] == installed:
        return
    from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    from langgraph.store.postgres.aio import AsyncPostgresStore

    await AsyncPostgresSaver(connection).setup()
    await AsyncPostgresStore(connection).setup()
    await connection.execute(SQL("COMMENT ON TABLE store IS {}").format(Literal(installed)))


async def _when_free(connection: AsyncConnection[DictRow], migration: Migration) -> None:
    """Apply a migration; while others use its tables it begins again, for some minutes."""
    for left in reversed(range(TRIES)):
        try:
            await _apply(connection, migration)
            return
        except KairosError as error:
            if left == 0 or not isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                raise
        await asyncio.sleep(random.uniform(0.1, 1.0))  # noqa: S311 - no secret


async def _apply(connection: AsyncConnection[DictRow], migration: Migration) -> None:
    try:
        async with connection.transaction():
            await connection.execute(SQL("SET LOCAL lock_timeout = {}").format(Literal(YIELD_MS)))
            await connection.execute(migration.sql.encode())
            await connection.execute(
                "INSERT INTO schema_migrations (version, name, sha256) VALUES (%s, %s, %s)",
                (migration.version, migration.name, migration.sha256),
            )
    except psycopg.Error as error:
        cause = error.diag.message_primary or str(error)
        raise KairosError("migration_failed", f"Migration {migration.name} failed: {cause}.") from error
