"""A call with an idempotency key has its effect once: what it gave is kept in the transaction of the effect."""

import json
import sqlite3
from collections.abc import Callable, Mapping
from typing import Any

from mcp_servers.workplace.asker import RefusedError

KEY = "kairos/idempotency-key"
"""Where in `_meta` a call carries its key."""
LONGEST = 200


def once(
    db: sqlite3.Connection,
    key: str,
    made: tuple[str, str, Mapping[str, Any]],
    act: Callable[[], Any],
) -> Any:
    """What `act` gives, or gave when a call with this key was made before. made: person, tool, arguments.

    Raises RefusedError where the key was used for another call.
    """
    if len(key) > LONGEST:
        raise RefusedError("The idempotency key is too long.")
    said = (made[0], made[1], json.dumps(made[2], sort_keys=True, default=str))
    before = db.execute("SELECT person, tool, arguments, result FROM calls WHERE key = ?", (key,)).fetchone()
    if before is None:
        result = act()
        db.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?)", (key, *said, json.dumps(result)))
        return result
    if (before["person"], before["tool"], before["arguments"]) != said:
        raise RefusedError("This idempotency key was used for another call. Use a new key for a new call.")
    return json.loads(before["result"])
