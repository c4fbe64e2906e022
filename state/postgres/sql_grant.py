"""The role that questions in SQL are asked as, and what it may read."""

from collections.abc import Collection

from psycopg import sql
from psycopg.errors import InvalidSchemaName, UndefinedTable

from state.errors import KairosError
from state.postgres.pool import Connection, admin
from state.postgres.sql_reader import ROLE

_CREATE = """
DO $$ BEGIN
    CREATE ROLE kairos_sql NOLOGIN NOINHERIT NOBYPASSRLS;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;  -- roles belong to the cluster
END $$;
GRANT kairos_sql TO CURRENT_USER;
"""
_HELD = """
SELECT DISTINCT table_schema AS schema, table_name AS name FROM information_schema.role_table_grants
WHERE grantee = 'kairos_sql'
"""


async def grant(schema: str, tables: Collection[str]) -> None:
    """Let questions read `tables` of `schema`, and no longer any other. Raises KairosError sql_table_unknown."""
    role = sql.Identifier(ROLE)
    async with admin() as connection:
        await connection.execute(_CREATE)
        await _take_back(connection)
        try:
            await connection.execute(
                sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(sql.Identifier(schema), role)
            )
            for table in sorted(tables):
                place = sql.Identifier(schema, table)
                await connection.execute(sql.SQL("GRANT SELECT ON {} TO {}").format(place, role))
        except (InvalidSchemaName, UndefinedTable) as error:
            said = str(error.diag.message_primary)
            raise KairosError("sql_table_unknown", f"Nothing is granted: {said}.") from None


async def _take_back(connection: Connection) -> None:
    for held in await (await connection.execute(_HELD)).fetchall():
        place = sql.Identifier(held["schema"], held["name"])
        await connection.execute(sql.SQL("REVOKE ALL ON {} FROM {}").format(place, sql.Identifier(ROLE)))
