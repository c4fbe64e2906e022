"""What a run changed in a SQLite file, row by row, and whether that is what should have changed."""

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

Row = Mapping[str, Any]
Tables = Mapping[str, Mapping[str, Row]]
"""Rows by table and by key."""
Expected = Mapping[str, Mapping[Any, Any]]
"""By table: `new` to a list of rows, of which only the columns that are given count; a key to the columns that change
and their values; or a key to null where the row is gone. A table that is not named does not change."""


@dataclass(frozen=True, slots=True)
class Change:
    """new: rows; changed: columns by key; gone: keys."""

    new: list[Row] = field(default_factory=list)
    changed: dict[str, dict[str, Any]] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)


def tables(path: Path, without: frozenset[str]) -> Tables:
    """All rows of all tables but those `without`; keys are of all columns of the primary key."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    try:
        names = [
            row["name"] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        ]
        return {name: _rows(connection, name) for name in names if name not in without}
    finally:
        connection.close()


def _rows(connection: sqlite3.Connection, table: str) -> dict[str, Row]:
    keys = [row["name"] for row in connection.execute(f"PRAGMA table_info({table})") if row["pk"]]
    rows = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - a name that the file itself gave
    return {"/".join(str(row[key]) for key in keys): dict(row) for row in rows}


def difference(before: Tables, after: Tables) -> dict[str, Change]:
    """By table, without those that are the same."""
    found = {name: _change(rows, after[name]) for name, rows in before.items()}
    return {name: change for name, change in found.items() if change != Change()}


def _change(before: Mapping[str, Row], after: Mapping[str, Row]) -> Change:
    return Change(
        [row for key, row in after.items() if key not in before],
        {
            key: {name: value for name, value in row.items() if before[key][name] != value}
            for key, row in after.items()
            if key in before and row != before[key]
        },
        [key for key in before if key not in after],
    )


def missing(found: Mapping[str, Change], expected: Expected) -> list[str]:
    """What should have changed and did not."""
    return [
        f"{table}.{key}: {json.dumps(wanted, default=str)}"
        for table, parts in expected.items()
        for key, wanted in _wanted(parts)
        if not _is_there(found.get(table, Change()), key, wanted)
    ]


def excess(found: Mapping[str, Change], expected: Expected) -> list[str]:
    """What changed and should not have."""
    over = []
    for table, change in found.items():
        parts = expected.get(table, {})
        over += [f"{table}.new: {json.dumps(row)}" for row in _unexpected(change.new, parts.get("new", ()))]
        named = {str(key) for key, wanted in parts.items() if key != "new"}
        over += [f"{table}.{key}" for key in (*change.changed, *change.gone) if key not in named]
    return over


def doubles(found: Mapping[str, Change], expected: Expected) -> list[str]:
    """New rows that differ in their number only, more often than they are expected."""
    over = []
    for table, change in found.items():
        alike = Counter(json.dumps({k: v for k, v in row.items() if k != "id"}) for row in change.new)
        wanted = expected.get(table, {}).get("new", ())
        most = max(1, *(sum(1 for other in wanted if other == one) for one in wanted)) if wanted else 1
        over += [f"{table}: {row}" for row, times in alike.items() if times > most]
    return over


def _wanted(parts: Mapping[Any, Any]) -> list[tuple[str, Any]]:
    named = [(str(key), wanted) for key, wanted in parts.items() if key != "new"]
    return named + [("new", row) for row in parts.get("new", ())]


def _is_there(change: Change, key: str, wanted: Any) -> bool:
    if key == "new":
        return any(_fits(row, wanted) for row in change.new)
    return key in change.gone if wanted is None else change.changed.get(key) == wanted


def _unexpected(rows: Sequence[Row], wanted: Sequence[Row]) -> list[Row]:
    """Those left when each wanted one has taken the first that fits."""
    left = list(rows)
    for one in wanted:
        taken = next((row for row in left if _fits(row, one)), None)
        if taken is not None:
            left.remove(taken)
    return left


def _fits(row: Row, wanted: Row) -> bool:
    return all(row.get(name) == value for name, value in wanted.items())
