"""Access classes: a tenant and a set of groups. Each counts the chunks and terms that stand behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from psycopg import AsyncConnection
from psycopg.rows import DictRow

from state.identity import Identity
from state.postgres.pool import scoped

Connection = AsyncConnection[DictRow]


@dataclass(slots=True)
class Changes:
    """What a transaction adds to and takes from the corpus statistics, by access class."""

    chunks: Counter[int] = field(default_factory=Counter)
    terms: Counter[int] = field(default_factory=Counter)

    def add(self, access: int, chunks: int, terms: int) -> None:
        """Count `chunks` with `terms` in all; negative where they go."""
        self.chunks[access] += chunks
        self.terms[access] += terms

    async def apply(self, connection: Connection) -> None:
        """Write the counts, last in the transaction and in one order, so that writers neither wait nor deadlock."""
        for access in sorted(self.chunks):
            await connection.execute(
                "UPDATE access_classes SET chunks = chunks + %s, terms = terms + %s WHERE id = %s",
                (self.chunks[access], self.terms[access], access),
            )


async def class_of(connection: Connection, tenant: str, groups: Sequence[str]) -> int:
    """The number of an access class, made on first use; no groups means the whole tenant."""
    key = (tenant, sorted(set(groups)))
    cursor = await connection.execute("SELECT id FROM access_classes WHERE tenant = %s AND groups = %s", key)
    found = await cursor.fetchone()
    if not found:
        cursor = await connection.execute(
            "INSERT INTO access_classes (tenant, groups) VALUES (%s, %s) "
            "ON CONFLICT (tenant, groups) DO UPDATE SET tenant = excluded.tenant RETURNING id",
            key,
        )
        found = await cursor.fetchone()
    assert found is not None  # noqa: S101 - RETURNING gives the row
    return int(found["id"])


async def move(identity: Identity, groups_of: Mapping[int, Sequence[str]]) -> None:
    """Give files, by id, to other groups: what is stored of them is theirs at once, before anything is read again."""
    if not groups_of:
        return
    async with scoped(identity, role="kairos_ingester") as connection:
        changes = Changes()
        for file, groups in sorted(groups_of.items()):
            access = await class_of(connection, identity.tenant, groups)
            await _move(connection, file, access, changes)
        await changes.apply(connection)


async def _move(connection: Connection, file: int, access: int, changes: Changes) -> None:
    await connection.execute("UPDATE files SET access = %s WHERE id = %s", (access, file))
    await connection.execute("UPDATE documents SET access = %s WHERE file = %s", (access, file))
    cursor = await connection.execute(
        """
        WITH moved AS (SELECT c.id, c.access, c.terms FROM chunks c JOIN documents d ON d.id = c.document
                       WHERE d.file = %(file)s AND c.access <> %(access)s),
             postings_moved AS (UPDATE postings SET access = %(access)s
                                WHERE chunk = ANY (ARRAY(SELECT id FROM moved))),
             chunks_moved AS (UPDATE chunks SET access = %(access)s WHERE id = ANY (ARRAY(SELECT id FROM moved)))
        SELECT access, count(*) AS chunks, sum(terms) AS terms FROM moved GROUP BY access
        """,
        {"file": file, "access": access},
    )
    for row in await cursor.fetchall():
        changes.add(row["access"], -row["chunks"], -row["terms"])
        changes.add(access, row["chunks"], row["terms"])
