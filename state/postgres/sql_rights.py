"""What a question in SQL touches, as Postgres's own parser understood it, held against what it may.

The question is made a view, whose parse tree pg_rewrite keeps: every relation and function in it stands there by its
number, before anything of it has run. No other reading of the SQL can differ from the one that is run.
"""

import re
from collections.abc import Collection

from psycopg.rows import DictRow

from state.errors import KairosError
from state.postgres.pool import Connection
from state.postgres.sql_functions import FUNCTIONS

VIEW = "kairos_question"

_RELATION = re.compile(r":relid (\d+)")
_CALL = re.compile(r":(?:funcid|aggfnoid|winfnoid) (\d+)")
_OPERATOR = re.compile(r":(?:opfuncid|eqfunc|tsmhandler) (\d+)")
_TYPE = re.compile(r":(?:consttype|resulttype|funcresulttype) (\d+)")
_PLACE = re.compile(r" \{TABLESAMPLECLAUSE ")

_TREE = """
SELECT ev_action::text AS tree, ev_class AS view FROM pg_catalog.pg_rewrite
WHERE ev_class = 'pg_temp.kairos_question'::pg_catalog.regclass
"""
_RELATIONS = """
SELECT c.relname AS name, n.nspname AS schema, c.relkind = ANY ('{r,p}') AS is_table, c.relrowsecurity AS guarded
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = ANY (%s::oid[])
"""
_FUNCTIONS = """
SELECT p.proname AS name FROM pg_catalog.pg_proc p
WHERE p.oid = ANY (%(calls)s::oid[]) AND (p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
      OR NOT (p.proname = ANY (%(allowed)s)
              OR EXISTS (SELECT FROM pg_catalog.pg_cast k WHERE k.castfunc = p.oid)))
   OR p.oid = ANY (%(operators)s::oid[])
      AND (p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace OR p.provolatile = 'v')
"""
_TYPES = """
SELECT t.typname AS name FROM pg_catalog.pg_type t
WHERE t.oid = ANY (%s::oid[]) AND t.typname ~ '^reg' AND t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
"""


async def check_view(connection: Connection, schema: str, tables: Collection[str]) -> None:
    """Refuse the view of a question that reads anything but `tables` of `schema`, or calls what is not allowed.

    Raises KairosError sql_refused; sql_table_open for a table whose rows nothing keeps from other tenants.
    """
    row = await (await connection.execute(_TREE)).fetchone()
    if row is None:
        raise _refused("it is no question")
    tree = row["tree"]
    relations = _numbers(_RELATION, tree) - {int(row["view"])}
    for found in await _rows(connection, _RELATIONS, (list(relations),)):
        _check_relation(found, schema, tables)
    given = {
        "calls": list(_numbers(_CALL, tree)),
        "operators": list(_numbers(_OPERATOR, tree)),
        "allowed": list(FUNCTIONS),
    }
    for found in await _rows(connection, _FUNCTIONS, given):
        raise _refused(f"the function {found['name']} may not be called")
    for found in await _rows(connection, _TYPES, (list(_numbers(_TYPE, tree)),)):
        raise _refused(f"the type {found['name']} reads the catalog")
    if _PLACE.search(tree):
        raise _refused("samples of tables are not read")


def _check_relation(found: DictRow, schema: str, tables: Collection[str]) -> None:
    if found["schema"] != schema or found["name"] not in tables:
        raise _refused(f"{found['schema']}.{found['name']} is not among the tables that may be read")
    if not found["is_table"]:
        raise _refused(f"{found['name']} is no table: views read with the rights of those who made them")
    if not found["guarded"]:
        raise KairosError(
            "sql_table_open",
            f"The table {schema}.{found['name']} has no row-level security, so that it is not read: enable it, "
            "with the policy USING (true) if everybody may see every row.",
        )


def _numbers(pattern: re.Pattern[str], tree: str) -> set[int]:
    return {int(number) for number in pattern.findall(tree)}


async def _rows(connection: Connection, query: str, given: object) -> list[DictRow]:
    return await (await connection.execute(query, given)).fetchall()  # type: ignore[call-overload,no-any-return]


def _refused(what: str) -> KairosError:
    return KairosError("sql_refused", f"This SQL is not run: {what}.")
