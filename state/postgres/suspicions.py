"""What the guard made of stored chunks: kept up to date with its version, and counted for people."""

from collections.abc import Sequence

from psycopg.rows import DictRow

from state.identity import Identity
from state.passages import Suspicion
from state.postgres.chunks import suspicion_columns
from state.postgres.pool import admin, ingesting

MOST_NAMED = 100
"""Documents that a report names."""


async def waiting(by: str, after: int, limit: int) -> list[DictRow]:
    """Chunks that the version `by` has not looked at, from the number `after` on: id, title, headings, what is read."""
    async with admin() as connection:
        cursor = await connection.execute(
            """
            SELECT c.id, d.title, c.headings, substr(d.text, c.read_start + 1, c.read_end - c.read_start) AS text
            FROM chunks c JOIN documents d ON d.id = c.document
            WHERE c.id > %s AND c.suspicion_by IS DISTINCT FROM %s ORDER BY c.id LIMIT %s
            """,
            (after, by, limit),
        )
        return await cursor.fetchall()


async def put(found: Sequence[tuple[int, Suspicion]]) -> None:
    """Store what was found, by the numbers of chunks."""
    async with admin() as connection, connection.cursor() as cursor:
        await cursor.executemany(
            "UPDATE chunks SET suspicion = %s, suspicion_start = %s, suspicion_end = %s, suspicion_by = %s "
            "WHERE id = %s",
            [(*suspicion_columns(suspicion), chunk) for chunk, suspicion in found],
        )


async def suspicious(identity: Identity, collection: str | None, threshold: float) -> dict[str, int]:
    """The paths of documents with chunks that look like instructions, and how many each has; the most first."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT d.path, count(*) AS chunks FROM chunks c JOIN documents d ON d.id = c.document
                JOIN collections k ON k.id = d.collection
            WHERE c.suspicion >= %s AND k.name = coalesce(%s, k.name)
            GROUP BY d.id ORDER BY 2 DESC, 1 LIMIT %s
            """,
            (threshold, collection, MOST_NAMED),
        )
        return {row["path"]: row["chunks"] for row in await cursor.fetchall()}


async def unseen(by: str) -> int:
    """How many chunks the version `by` has not looked at: each turn that finds one looks at it anew."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT count(*) AS chunks FROM chunks WHERE suspicion_by IS DISTINCT FROM %s", (by,)
        )
        row = await cursor.fetchone()
    return int(row["chunks"]) if row else 0
