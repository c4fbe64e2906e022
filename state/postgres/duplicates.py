"""Near-duplicates: which documents are searched, and which stand behind another one that says the same."""

from collections.abc import Mapping, Sequence
from typing import LiteralString

from state.identity import Identity
from state.postgres.access_classes import Changes, Connection, place_chunks
from state.postgres.pool import scoped

MOST_CANDIDATES = 20
"""Documents that one is compared with, those first that share most of its signature."""


async def sign(connection: Connection, documents: Mapping[int, Sequence[int]]) -> None:
    """Keep the signatures of documents, by id, in place of older ones; they wait to be compared."""
    await connection.execute("DELETE FROM document_bands WHERE document = ANY (%s)", (list(documents),))
    rows = [(document, band) for document, signature in documents.items() for band in signature]
    await connection.execute(
        "INSERT INTO document_bands (collection, band, document) "
        "SELECT DISTINCT d.collection, b.band, d.id FROM unnest(%s::bigint[], %s::bigint[]) AS b(document, band) "
        "JOIN documents d ON d.id = b.document",
        ([document for document, _ in rows], [band for _, band in rows]),
    )


async def waiting(identity: Identity, collection: int, limit: int) -> list[int]:
    """The ids of documents that are to be compared, in the order of their uris."""
    async with scoped(identity, role="kairos_ingester") as connection:
        cursor = await connection.execute(
            "SELECT id FROM documents WHERE collection = %s AND NOT compared "
            'ORDER BY uri COLLATE "C", id LIMIT %s',
            (collection, limit),
        )
        return [row["id"] for row in await cursor.fetchall()]


_CANDIDATES: LiteralString = """
WITH shared AS (
    SELECT mine.document, other.document AS candidate, count(*) AS bands
    FROM document_bands mine JOIN document_bands other
        ON other.collection = mine.collection AND other.band = mine.band AND other.document <> mine.document
    WHERE mine.document = ANY (%(documents)s) GROUP BY 1, 2
),
ranked AS (
    SELECT s.document, s.candidate, c.uri, row_number() OVER (
        PARTITION BY s.document ORDER BY s.bands DESC, c.uri COLLATE "C", c.id) AS place
    FROM shared s JOIN documents d ON d.id = s.document
        JOIN documents c ON c.id = s.candidate AND c.access = d.access
    WHERE c.duplicate_of IS NULL AND (c.compared OR (
        c.id = ANY (%(documents)s) AND (c.uri COLLATE "C", c.id) < (d.uri COLLATE "C", d.id)))
)
SELECT document, candidate FROM ranked WHERE place <= %(most)s ORDER BY document, uri COLLATE "C", candidate
"""


async def candidates(identity: Identity, documents: Sequence[int]) -> dict[int, list[int]]:
    """For each document those that may say the same, smallest uri first: of its collection and access class only.

    These are searched now, or stand before it among `documents`.
    """
    async with scoped(identity, role="kairos_ingester") as connection:
        given = {"documents": list(documents), "most": MOST_CANDIDATES}
        cursor = await connection.execute(_CANDIDATES, given)
        found: dict[int, list[int]] = {}
        for row in await cursor.fetchall():
            found.setdefault(row["document"], []).append(row["candidate"])
        return found


async def texts(identity: Identity, documents: Sequence[int]) -> dict[int, str]:
    """The texts of documents by id."""
    async with scoped(identity, role="kairos_ingester") as connection:
        cursor = await connection.execute(
            "SELECT id, text FROM documents WHERE id = ANY (%s)", (list(documents),)
        )
        return {row["id"]: row["text"] for row in await cursor.fetchall()}


async def settle(identity: Identity, keeper_of: Mapping[int, int | None]) -> None:
    """Note for documents, by id, behind which other they stand; None: they are searched themselves.

    A document whose keeper has changed or gone meanwhile goes on waiting.
    """
    keepers = sorted({keeper for keeper in keeper_of.values() if keeper})
    async with scoped(identity, role="kairos_ingester") as connection:
        cursor = await connection.execute(
            "SELECT id FROM documents WHERE id = ANY (%s) AND duplicate_of IS NULL ORDER BY id FOR UPDATE",
            (keepers,),
        )
        there = {row["id"] for row in await cursor.fetchall()}
        settled = {key: keeper for key, keeper in keeper_of.items() if keeper is None or keeper in there}
        await connection.execute(
            "UPDATE documents d SET duplicate_of = s.keeper, compared = true "
            "FROM unnest(%s::bigint[], %s::bigint[]) AS s(id, keeper) WHERE d.id = s.id",
            (list(settled), list(settled.values())),
        )
        changes = Changes()
        await place_chunks(connection, [key for key, keeper in settled.items() if keeper], changes)
        await changes.apply(connection)
