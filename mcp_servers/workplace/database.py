"""The back end: one SQLite file, made and filled when it is first used."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
WAIT_S = 20.0
"""For another writer."""
_DAYS = frozenset({"joined", "first_day", "last_day", "day", "spent_on"})


@dataclass(frozen=True, slots=True)
class Database:
    """today: the day that it takes for today; None: the real one."""

    path: Path
    today: date | None = None

    @property
    def day(self) -> date:
        """Today."""
        return self.today or date.today()

    def prepare(self) -> None:
        """Make and fill it, unless it is there; safe when two processes start at once."""
        with self.transaction(writes=True) as connection:
            there = connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'people'").fetchone()
            if there is None:
                _fill(connection, self.day)

    @contextmanager
    def transaction(self, writes: bool) -> Iterator[sqlite3.Connection]:
        """All or nothing; of two writers one waits. Raises sqlite3.OperationalError after WAIT_S."""
        connection = sqlite3.connect(self.path, timeout=WAIT_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        finally:
            connection.close()


def monday_after(day: date) -> date:
    """The first Monday after a day: what the seed counts from."""
    return day + timedelta(days=7 - day.weekday())


def _fill(connection: sqlite3.Connection, today: date) -> None:
    import yaml

    for statement in (HERE / "schema.sql").read_text(encoding="utf-8").split(";\n"):
        connection.execute(statement)
    start = monday_after(today)
    connection.execute("PRAGMA defer_foreign_keys = ON")
    for table, content in yaml.safe_load((HERE / "seed.yaml").read_text(encoding="utf-8")).items():
        _insert(connection, table, content, start)


def _insert(connection: sqlite3.Connection, table: str, content: Mapping[str, Any], start: date) -> None:
    columns = content["columns"]
    marks = ", ".join("?" * len(columns))
    connection.executemany(
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})",  # noqa: S608 - names of our own file
        [
            [_dated(name, value, start) for name, value in zip(columns, row, strict=True)]
            for row in content["rows"]
        ],
    )


def _dated(column: str, value: Any, start: date) -> Any:
    return (start + timedelta(days=value)).isoformat() if column in _DAYS else value
