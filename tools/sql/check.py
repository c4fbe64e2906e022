"""The first look at a question in SQL, with sqlglot: what it may not be is told before the database is asked.

The database looks again and by itself (state.postgres.sql_reader); this look gives the better sentences.
"""

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from state.errors import KairosError
from state.postgres.sql_functions import FUNCTIONS

if TYPE_CHECKING:
    from sqlglot import exp

LONGEST = 10_000
_SYNTAX = frozenset(
    {"cast", "try_cast", "case", "if", "and", "or", "exists", "array", "any", "all", "interval"}
)
_CALLED = re.compile(r"([A-Za-z_]\w*)(?=\()|[A-Za-z_]\w*$")


def check(question: str, schema: str, tables: Collection[str]) -> None:
    """Refuse what is not one question about `tables` of `schema`. Raises KairosError sql_refused, sql_invalid."""
    from sqlglot import exp

    root = _parsed(question)
    for node in root.walk():
        if isinstance(node, exp.CTE) and not isinstance(node.this, exp.Query):
            raise _refused("a WITH in it changes data")
        if isinstance(node, _forbidden()):
            raise _refused(f"{node.key.upper()} has no place in a question")
        if isinstance(node, exp.Table):
            _check_table(node, root, schema, tables)
        elif isinstance(node, exp.Func):
            _check_call(node)


def _parsed(question: str) -> "exp.Expr":
    import sqlglot
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    if len(question) > LONGEST:
        raise _refused(f"it is longer than {LONGEST} characters")
    if "\0" in question:
        raise _refused("it holds a character that no SQL has")
    try:
        found = [each for each in sqlglot.parse(question, read="postgres") if each is not None]
    except (SqlglotError, RecursionError):
        raise KairosError("sql_invalid", "This SQL cannot be read: it is not valid Postgres.") from None
    if len(found) != 1:
        raise _refused("it has to be one statement")
    if not isinstance(found[0], exp.Query):
        raise _refused("it is not a question: only SELECT, also with WITH or UNION")
    return found[0]


def _forbidden() -> "tuple[type[exp.Expr], ...]":
    from sqlglot import exp

    return (
        *(
            exp.Insert,
            exp.Update,
            exp.Delete,
            exp.Merge,
            exp.Create,
            exp.Drop,
            exp.Alter,
            exp.Command,
            exp.Copy,
        ),
        *(exp.Into, exp.Lock, exp.TableSample, exp.ObjectIdentifier, exp.Parameter, exp.Placeholder, exp.Set),
    )


def _check_table(node: "exp.Table", root: "exp.Expr", schema: str, tables: Collection[str]) -> None:
    from sqlglot import exp

    if isinstance(node.this, exp.Func):
        return  # a function in FROM, looked at as such
    named = {cte.alias.lower() for cte in root.find_all(exp.CTE)}
    name, place = _plain(node.this), _plain(node.args.get("db"))
    if (
        node.catalog
        or place not in ("", schema)
        or not name
        or name.startswith(("pg_", "information_schema"))
    ):
        raise _refused(f"{node.sql(dialect='postgres')[:80]} is not among the tables that may be read")
    if name not in tables and (place or name.lower() not in named):
        raise _refused(f"{name[:80]} is not among the tables that may be read")


def _plain(node: object) -> str:
    """A name as Postgres folds it."""
    from sqlglot import exp

    if not isinstance(node, exp.Identifier):
        return ""
    return node.name if node.args.get("quoted") else node.name.lower()


def _check_call(node: "exp.Func") -> None:
    from sqlglot import exp

    if isinstance(node, exp.Anonymous):
        name = node.name.lower()
    else:
        called = _CALLED.match(node.sql(dialect="postgres"))
        name = called[0].lower() if called else ""
    if name and name not in FUNCTIONS and name not in _SYNTAX:
        raise _refused(f"the function {name[:80]} may not be called")


def _refused(what: str) -> KairosError:
    return KairosError("sql_refused", f"This SQL is not run: {what}.")
