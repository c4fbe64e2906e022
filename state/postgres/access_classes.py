"""Access classes: a tenant and a set of groups. Each counts the chunks and terms that stand behind it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from state.identity import Identity
from state.postgres import vocabulary
from state.postgres.pool import Connection, ingesting


@dataclass(slots=True)
class Changes:
    """What a transaction adds to and takes from the corpus statistics, by access class."""

    chunks: Counter[int] = field(default_factory=Counter)
    terms: Counter[int] = field(default_factory=Counter)
    holding: Counter[tuple[int, str]] = field(default_factory=Counter)
    """Chunks that hold a term, by access class and term."""
    words: vocabulary.Counts = field(default_factory=dict)

    def add(self, access: int, chunks: int, terms: int) -> None:
        """Count `chunks` with `terms` in all; negative where they go."""
        self.chunks[access] += chunks
        self.terms[access] += terms

    async def apply(self, connection: Connection) -> None:
        """Write the counts, last in the transaction and in one order, so that writers neither wait nor deadlock."""
        for access in sorted(self.chunks.keys() | self.words.keys()):
            await connection.execute(
                "UPDATE access_classes SET chunks = chunks + %s, terms = terms + %s WHERE id = %s",
                (self.chunks[access], self.terms[access], access),
            )
            await vocabulary.apply(connection, access, self.words.get(access, {}))
        await self._apply_holding(connection)

    async def _apply_holding(self, connection: Connection) -> None:
        rows = sorted((*key, count) for key, count in self.holding.items() if count)
        if not rows:
            return
        columns = tuple(map(list, zip(*rows, strict=True)))
        await connection.execute(
            "INSERT INTO term_counts AS t (access, term, chunks) "
            "SELECT * FROM unnest(%s::integer[], %s::text[], %s::integer[]) "
            "ON CONFLICT (term, access) DO UPDATE SET chunks = t.chunks + excluded.chunks",
            columns,
        )
        if any(count < 0 for count in columns[2]):
            await connection.execute(
                "DELETE FROM term_counts t USING unnest(%s::integer[], %s::text[]) AS mine(access, term) "
                "WHERE t.term = mine.term AND t.access = mine.access AND t.chunks = 0",
                columns[:2],
            )


async def class_of(
    connection: Connection, tenant: str, groups: Sequence[str], *, parked: bool = False
) -> int:
    """The number of an access class, made on first use; no groups means the whole tenant.

    parked: the class that holds the chunks of duplicates, which nobody reads.
    """
    key = (tenant, sorted(set(groups)), parked)
    while True:
        cursor = await connection.execute(
            "SELECT id FROM access_classes WHERE tenant = %s AND groups = %s AND parked = %s", key
        )
        if found := await cursor.fetchone():
            return int(found["id"])
        # Nothing is locked when another was first: updating its row here could deadlock with `Changes.apply`.
        await connection.execute(
            "INSERT INTO access_classes (tenant, groups, parked) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            key,
        )


async def move(identity: Identity, groups_of: Mapping[int, Sequence[str]]) -> None:
    """Give files, by id, to other groups: what is stored of them is theirs at once, before anything is read again."""
    if not groups_of:
        return
    async with ingesting(identity) as connection:
        changes = Changes()
        for file, groups in sorted(groups_of.items()):
            access = await class_of(connection, identity.tenant, groups)
            await _move(connection, file, access, changes)
        await changes.apply(connection)


async def _move(connection: Connection, file: int, access: int, changes: Changes) -> None:
    await connection.execute("UPDATE files SET access = %s WHERE id = %s", (access, file))
    cursor = await connection.execute(
        "SELECT id FROM documents WHERE file = %s ORDER BY id FOR UPDATE", (file,)
    )
    documents = [row["id"] for row in await cursor.fetchall()]
    await release(connection, documents, changes)
    await connection.execute(
        "UPDATE documents SET access = %s, compared = false WHERE id = ANY (%s)", (access, documents)
    )
    await place_chunks(connection, documents, changes)


async def release(connection: Connection, documents: Sequence[int], changes: Changes) -> None:
    """Documents are about to change or go: they stand for no other, and no other stands for them.

    What stood behind them is searched at once, and compared again at the end of the next run.
    """
    await connection.execute("DELETE FROM document_bands WHERE document = ANY (%s)", (list(documents),))
    cursor = await connection.execute(
        "UPDATE documents SET duplicate_of = NULL, compared = false WHERE duplicate_of IS NOT NULL "
        "AND (id = ANY (%(ids)s) OR duplicate_of = ANY (%(ids)s)) RETURNING id",
        {"ids": list(documents)},
    )
    await place_chunks(connection, [row["id"] for row in await cursor.fetchall()], changes)


async def place_chunks(connection: Connection, documents: Sequence[int], changes: Changes) -> None:
    """Move the chunks and postings of documents to the class they belong to: their own, or parked."""
    cursor = await connection.execute(
        "SELECT d.id, a.tenant, a.groups, d.duplicate_of IS NOT NULL AS parked "
        "FROM documents d JOIN access_classes a ON a.id = d.access WHERE d.id = ANY (%s) ORDER BY d.id",
        (list(documents),),
    )
    classes: dict[int, list[int]] = {}
    for row in await cursor.fetchall():
        access = await class_of(connection, row["tenant"], row["groups"], parked=row["parked"])
        classes.setdefault(access, []).append(row["id"])
    for access, those in sorted(classes.items()):
        await _move_chunks(connection, those, access, changes)


async def _move_chunks(
    connection: Connection, documents: Sequence[int], access: int, changes: Changes
) -> None:
    given = {"documents": list(documents), "access": access}
    held = await connection.execute(
        "SELECT access, term, count(*) AS chunks FROM postings WHERE chunk = ANY (ARRAY("
        "SELECT id FROM chunks WHERE document = ANY (%(documents)s) AND access <> %(access)s)) GROUP BY access, term",
        given,
    )
    for row in await held.fetchall():
        changes.holding[row["access"], row["term"]] -= row["chunks"]
        changes.holding[access, row["term"]] += row["chunks"]
    cursor = await connection.execute(
        """
        WITH moved AS (SELECT id, access, terms FROM chunks
                       WHERE document = ANY (%(documents)s) AND access <> %(access)s),
             postings_moved AS (UPDATE postings SET access = %(access)s
                                WHERE chunk = ANY (ARRAY(SELECT id FROM moved))),
             chunks_moved AS (UPDATE chunks SET access = %(access)s WHERE id = ANY (ARRAY(SELECT id FROM moved)))
        SELECT access, count(*) AS chunks, sum(terms) AS terms FROM moved GROUP BY access
        """,
        given,
    )
    for row in await cursor.fetchall():
        changes.add(row["access"], -row["chunks"], -row["terms"])
        changes.add(access, row["chunks"], row["terms"])
    await vocabulary.move(connection, documents, access, changes.words)
