"""Who acts, on what day, within which transaction; and how a tool refuses."""

import sqlite3
from dataclasses import dataclass
from datetime import date
from typing import Any


class RefusedError(Exception):
    """What a tool does not do, as a sentence that says how to mend the call."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a tool works with: an open transaction, the person on whose behalf it acts, and the day."""

    db: sqlite3.Connection
    person: sqlite3.Row
    today: date

    @property
    def me(self) -> str:
        """The person's id."""
        return str(self.person["id"])

    def one(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row, or None."""
        found: sqlite3.Row | None = self.db.execute(sql, values).fetchone()
        return found

    def all(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """All rows, as plain data."""
        return [dict(row) for row in self.db.execute(sql, values)]

    def add(self, sql: str, *values: Any) -> int:
        """Insert a row; its id."""
        return int(self.db.execute(sql, values).lastrowid or 0)

    def leads(self, person: str) -> bool:
        """Whether the person reports to the asker."""
        return bool(self.one("SELECT 1 FROM people WHERE id = ? AND manager = ?", person, self.me))

    def colleague(self, person: str) -> sqlite3.Row:
        """Somebody by id or mail address. Raises RefusedError."""
        found = self.one("SELECT * FROM people WHERE ? IN (id, email)", person.strip().lower())
        if found is None:
            raise RefusedError(f"Nobody is called {person!r}. Look for the id with find_people.")
        return found


def known(db: sqlite3.Connection, person: str) -> sqlite3.Row:
    """The person who acts. Raises RefusedError."""
    found: sqlite3.Row | None = db.execute("SELECT * FROM people WHERE id = ?", (person,)).fetchone()
    if found is None:
        raise RefusedError("Nobody here has this name, so that nothing may be seen or done.")
    return found
