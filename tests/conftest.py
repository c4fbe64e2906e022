"""Fixtures shared by all tests; unit tests use none of those that start Postgres."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from state.postgres import pool as pools
from state.settings import settings

if TYPE_CHECKING:
    from state.postgres.embedded import Server


@pytest.fixture(scope="session")
def server() -> Iterator["Server"]:
    """The session's embedded Postgres, in a KAIROS_HOME of its own."""
    from state.postgres import embedded

    # Not below pytest's own folder: each session closes it again to other accounts, such as Postgres's.
    with TemporaryDirectory(prefix="kairos-home-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("KAIROS_HOME", folder)
        patch.delenv("KAIROS_DATABASE_URL", raising=False)
        settings.cache_clear()
        server = embedded.acquire(settings().home)
        yield server
        embedded.release(server)
    settings.cache_clear()


@pytest.fixture(scope="session")
def home(server: "Server") -> Path:
    """KAIROS_HOME of this session; its Postgres runs."""
    return server.folder.parent


@pytest.fixture(scope="session")
async def _pool_closed_at_the_end(home: Path) -> AsyncIterator[None]:
    yield
    await pools.close_pool()


@pytest.fixture
async def pool(_pool_closed_at_the_end: None) -> pools.Pool:
    """The process's pool, on the session's embedded Postgres, shared by the tests."""
    return await pools.open_pool()


@pytest.fixture
async def database(
    server: "Server", _pool_closed_at_the_end: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    """A new, empty database for one test: its connection string, which KAIROS_DATABASE_URL then names."""
    from state.postgres import embedded

    await pools.close_pool()
    owner = await asyncio.to_thread(embedded.conninfo, server)
    name = f"test_{uuid4().hex}"
    async with await psycopg.AsyncConnection.connect(owner, autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
        where = make_conninfo(owner, dbname=name)
        monkeypatch.setenv("KAIROS_DATABASE_URL", where)
        settings.cache_clear()
        yield where
        await pools.close_pool()
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    monkeypatch.undo()
    settings.cache_clear()
