"""Sources that are due: each is claimed by one process, however many look at the same database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from state.postgres.pool import admin

IsDue = Callable[[str, datetime, datetime], bool]
"""Whether a schedule names a time after the first moment, up to the second one."""


@dataclass(frozen=True, slots=True)
class Claim:
    """The due sources of one collection; `before` is each one's last run until it was claimed."""

    tenant: str
    collection: str
    before: dict[int, datetime | None]


async def claim(is_due: IsDue) -> Claim | None:
    """Take what is due in one collection, the longest waiting first; its last run is now, so nobody else takes it."""
    async with admin() as connection:
        cursor = await connection.execute(
            # Files refer to their source: only a lock that lets them do so may be taken.
            "SELECT s.id, s.tenant, c.name AS collection, s.schedule, s.last_run, s.created_at, now() AS now "
            "FROM sources s JOIN collections c ON c.id = s.collection WHERE s.schedule IS NOT NULL "
            "ORDER BY coalesce(s.last_run, s.created_at), s.id FOR NO KEY UPDATE OF s SKIP LOCKED"
        )
        rows = await cursor.fetchall()
        due = [
            row for row in rows if is_due(row["schedule"], row["last_run"] or row["created_at"], row["now"])
        ]
        if not due:
            return None
        place = (due[0]["tenant"], due[0]["collection"])
        mine = {row["id"]: row["last_run"] for row in due if (row["tenant"], row["collection"]) == place}
        await connection.execute("UPDATE sources SET last_run = now() WHERE id = ANY (%s)", (list(mine),))
    return Claim(*place, mine)


async def put_back(claimed: Claim) -> None:
    """Make sources that could not be read due again."""
    async with admin() as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE sources SET last_run = %s WHERE id = %s",
            [(before, source) for source, before in claimed.before.items()],
        )
