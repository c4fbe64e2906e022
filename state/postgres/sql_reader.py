"""Questions in SQL, asked by somebody: as a role that may read a few tables and do nothing else, and as the asker.

What holds here holds without any look at the SQL before: one statement (extended protocol), which must be a question
(it becomes a view), whose parse tree touches only what is granted, in a transaction that only reads, under row-level
security, with limits on time, rows and bytes; and it is always rolled back.
"""

import json
import math
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg import AsyncClientCursor, Error, sql
from psycopg.errors import InsufficientPrivilege, QueryCanceled, UndefinedObject, UndefinedParameter

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, connection
from state.postgres.sql_rights import VIEW, check_view

ROLE = "kairos_sql"
ROW_BYTES = 20_000
"""A larger row is left out, before it leaves the database."""

_BEGIN = """
BEGIN;
SELECT set_config('temp_file_limit', '256MB', true) WHERE current_setting('is_superuser') = 'on';
SELECT set_config('kairos.tenant', %(tenant)s, true), set_config('kairos.groups', %(groups)s, true),
    set_config('kairos.principal', %(principal)s, true), set_config('search_path', %(path)s, true),
    set_config('statement_timeout', %(ms)s, true), set_config('lock_timeout', '500', true),
    set_config('idle_in_transaction_session_timeout', '60000', true), set_config('work_mem', '16MB', true),
    set_config('max_parallel_workers_per_gather', '0', true), set_config('jit', 'off', true),
    set_config('role', %(role)s, true)
"""
_COLUMNS = """
SELECT attname AS name, pg_catalog.format_type(atttypid, atttypmod) AS type FROM pg_catalog.pg_attribute
WHERE attrelid = 'pg_temp.kairos_question'::pg_catalog.regclass AND attnum > 0 ORDER BY attnum
"""
_ROWS = """
SELECT CASE WHEN octet_length(row) <= %(bytes)s THEN row END AS row
FROM (SELECT row_to_json(q)::text AS row FROM pg_temp.kairos_question q LIMIT %(rows)s) AS rows
"""


@dataclass(frozen=True, slots=True)
class Grant:
    """The tables that may be asked about, all in one schema, and what a question may take."""

    schema: str
    tables: Collection[str]
    rows: int = 200
    seconds: float = 5.0
    bytes: int = 200_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The answer: columns with their types, rows by column; truncated: there are more, or one was too large."""

    columns: list[dict[str, str]]
    rows: list[dict[str, Any]]
    truncated: bool


async def ask(identity: Identity, question: str, grant: Grant) -> Rows:
    """The rows that `identity` may see of a question's answer.

    Raises KairosError: sql_refused (no question, or of what is not granted), sql_table_open, sql_invalid (Postgres
    cannot read it), sql_timeout, sql_not_granted (no role yet), database_unavailable.
    """
    try:
        async with _reading(identity, grant) as found:
            return await _asked(found, question, grant)
    except UnicodeEncodeError:
        raise KairosError("sql_invalid", "This SQL cannot be run: it is not valid UTF-8 text.") from None
    except QueryCanceled:
        sentence = f"The question took longer than {grant.seconds:g} s, or waited for a lock."
        raise KairosError("sql_timeout", sentence) from None
    except InsufficientPrivilege as error:
        raise KairosError("sql_refused", f"This SQL is not run: {_said(error)}.") from None
    except (UndefinedObject, UndefinedParameter) as error:
        if ROLE in str(error):
            raise _not_granted() from None
        raise KairosError("sql_invalid", f"This SQL cannot be run: {_said(error)}.") from None
    except Error as error:
        if error.sqlstate is None or error.sqlstate[:2] in ("08", "57"):
            raise
        raise KairosError("sql_invalid", f"This SQL cannot be run: {_said(error)}.") from None


@asynccontextmanager
async def _reading(identity: Identity, grant: Grant) -> AsyncIterator[Connection]:
    """A transaction as the reader and for the asker, which leaves nothing."""
    async with connection() as found:
        given = {
            "tenant": identity.tenant,
            "groups": json.dumps(identity.groups),
            "principal": identity.principal,
            "path": f"{sql.Identifier(grant.schema).as_string(found)}, pg_temp",
            "ms": str(int(grant.seconds * 1000)),
            "role": ROLE,
        }
        try:
            await AsyncClientCursor(found).execute(_BEGIN, given)
            yield found
        finally:
            if not found.closed:
                await found.rollback()


async def _asked(found: Connection, question: str, grant: Grant) -> Rows:
    # Binary: the extended protocol, in which a second statement is an error of syntax.
    create = f"CREATE TEMPORARY VIEW {VIEW} AS {question}"
    await found.cursor(binary=True).execute(create.encode(), binary=True)
    await check_view(found, grant.schema, grant.tables)
    await found.execute("SET TRANSACTION READ ONLY")
    columns = await (await found.execute(_COLUMNS)).fetchall()
    cursor = await found.execute(_ROWS, {"bytes": ROW_BYTES, "rows": grant.rows + 1})
    return _fitting(
        [dict(column) for column in columns], [row["row"] for row in await cursor.fetchall()], grant
    )


def _fitting(columns: list[dict[str, str]], texts: list[str | None], grant: Grant) -> Rows:
    kept, left = [], grant.bytes
    for text in texts[: grant.rows]:
        left -= len(text or "")
        if left < 0:
            break
        if text is not None:
            kept.append(json.loads(text, parse_int=_whole, parse_float=_real))
    return Rows(columns, kept, len(kept) < len(texts))


def _whole(digits: str) -> int | str:
    """A number that Python would not read, having more than 4,300 digits, stays text."""
    return int(digits) if len(digits) < 1000 else digits


def _real(digits: str) -> float | str:
    found = float(digits)
    return found if math.isfinite(found) else digits


def _said(error: Error) -> str:
    """Postgres's own sentence, without the statement."""
    return " ".join((error.diag.message_primary or type(error).__name__).split())[:200].rstrip(".")


def _not_granted() -> KairosError:
    return KairosError("sql_not_granted", "No tables are granted yet: run `kairos tools grant` once.")
