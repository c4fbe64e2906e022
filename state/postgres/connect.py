"""Reaching a Postgres for the first time: every way that this goes wrong is told in one sentence."""

from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row

from state.errors import KairosError

OLDEST = 15
DEFAULTS = {
    "connect_timeout": "8",
    "application_name": "kairos",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
}
OPTIONS: dict[str, Any] = {"autocommit": True, "row_factory": dict_row}


def conninfo_from(url: str) -> str:
    """libpq's connection string for `url`, with our defaults where it leaves things open."""
    try:
        given = {key: value for key, value in conninfo_to_dict(url).items() if value is not None}
    except psycopg.ProgrammingError:
        # Not chained and not quoted: the parser's message may repeat the password.
        raise KairosError(
            "database_unavailable",
            "KAIROS_DATABASE_URL cannot be read: it looks like postgresql://user:password@host:5432/database.",
        ) from None
    return make_conninfo("", **(DEFAULTS | given))


async def connect(conninfo: str) -> AsyncConnection[DictRow]:
    """A connection to a Postgres that is new enough.

    Raises KairosError: database_unavailable (no answer, login refused, no such database), database_too_old.
    """
    try:
        connection = await AsyncConnection[DictRow].connect(conninfo, **OPTIONS)
    except psycopg.Error as error:
        raise KairosError("database_unavailable", _sentence(conninfo, str(error))) from None
    found = connection.info.server_version // 10000
    if found < OLDEST:
        await connection.close()
        raise KairosError(
            "database_too_old", f"{place(conninfo)} is version {found}: Kairos needs {OLDEST} or newer."
        )
    return connection


def place(conninfo: str) -> str:
    """Where a connection string points, without its password."""
    parts = conninfo_to_dict(conninfo)
    host, port = parts.get("host") or "localhost", parts.get("port") or 5432
    return f"Postgres at {host}:{port}"


def _sentence(conninfo: str, message: str) -> str:
    parts = conninfo_to_dict(conninfo)
    user, database = parts.get("user"), parts.get("dbname") or parts.get("user")
    causes = {
        "password authentication failed": f"the password for user {user} is wrong",
        "no password supplied": f"user {user} needs a password",
        f'database "{database}" does not exist': f"there is no database {database}",
        f'role "{user}" does not exist': f"there is no user {user}",
        "resolve host": "the host name is unknown",
        "translate host name": "the host name is unknown",
        "refused": "the connection was refused, so no server listens there",
        "No such file": "the connection was refused, so no server listens there",
        "timeout expired": f"there was no answer within {parts.get('connect_timeout')} s",
    }
    found = (cause for sign, cause in causes.items() if sign in message)
    # libpq puts the cause on the last line: 'connection to server at … failed: FATAL:  …'.
    told = message.strip().splitlines()[-1].rpartition("failed: ")[2].removeprefix("FATAL:").strip()
    return f"{place(conninfo)} cannot be used: {next(found, told)}."
