"""A database of its own for each evaluation, on the configured server, gone afterwards."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

from psycopg import sql
from psycopg.conninfo import make_conninfo
from pydantic import SecretStr

from state.postgres import embedded
from state.postgres.connect import connect, conninfo_from
from state.postgres.pool import close_pool
from state.settings import settings

VARIABLE = "KAIROS_DATABASE_URL"


@asynccontextmanager
async def own_database() -> AsyncIterator[None]:
    """Within, this process works on a new, empty database."""
    url = settings().database_url
    server = None if url else await asyncio.to_thread(embedded.acquire, settings().home)
    try:
        home = await asyncio.to_thread(embedded.conninfo, server) if server else _conninfo(url)
        name = f"kairos_eval_{uuid4().hex[:12]}"
        await _execute(home, "CREATE DATABASE {}", name)
        try:
            async with _pointed_at(make_conninfo(home, dbname=name)):
                yield
        finally:
            await _execute(home, "DROP DATABASE {} WITH (FORCE)", name)
    finally:
        if server:
            await asyncio.to_thread(embedded.release, server)


def _conninfo(url: SecretStr | None) -> str:
    return conninfo_from(url.get_secret_value() if url else "")


@asynccontextmanager
async def _pointed_at(url: str) -> AsyncIterator[None]:
    before = os.environ.get(VARIABLE)
    await close_pool()
    os.environ[VARIABLE] = url
    settings.cache_clear()
    try:
        yield
    finally:
        await close_pool()
        if before is None:
            del os.environ[VARIABLE]
        else:
            os.environ[VARIABLE] = before
        settings.cache_clear()


async def _execute(conninfo: str, statement: str, name: str) -> None:
    async with await connect(conninfo) as connection:
        await connection.execute(sql.SQL(statement).format(sql.Identifier(name)))
