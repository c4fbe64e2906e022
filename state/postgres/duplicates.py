"""Near-duplicates: which documents are searched, and which stand behind another one that says the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from state.identity import Identity
from state.postgres.access_classes import Changes, place_chunks
from state.postgres.pool import ingesting

MOST_CANDIDATES = 20
"""Documents that one is compared with, those first that share most of its signature."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document that is to be compared with those of its access class."""

    id: int
    uri: str
    access: int
    signature: frozenset[int]


class Candidate(NamedTuple):
    """A document that may say the same; in the order in which candidates are looked at."""

    bands: int  # shared numbers of the signature, negative: most first
    uri: str
    id: int


async def waiting(identity: Identity, collection: int, limit: int) -> list[Waiting]:
    """Documents that are to be compared, in the order of their uris."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, uri, access, signature FROM documents WHERE collection = %s AND NOT compared "
            'ORDER BY uri COLLATE "C", id LIMIT %s',
            (collection, limit),
        )
        rows = await cursor.fetchall()
    return [Waiting(row["id"], row["uri"], row["access"], frozenset(row["signature"])) for row in rows]


async def candidates(
    identity: Identity, collection: int, documents: Sequence[Waiting]
) -> dict[int, list[Candidate]]:
    """For each document the nearest of those that are searched: of its collection and access class only."""
    given = [(one.id, one.access, band) for one in documents for band in one.signature]
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            """
            WITH shared AS (
                SELECT mine.id, mine.access, b.document, count(*) AS bands
                FROM unnest(%(ids)s::bigint[], %(access)s::integer[], %(bands)s::bigint[]) AS mine(id, access, band)
                    JOIN document_bands b ON b.collection = %(collection)s AND b.band = mine.band GROUP BY 1, 2, 3
            ),
            ranked AS (
                SELECT s.id, s.bands, c.uri, c.id AS candidate, row_number() OVER (
                    PARTITION BY s.id ORDER BY s.bands DESC, c.uri COLLATE "C", c.id) AS place
                FROM shared s JOIN documents c ON c.id = s.document AND c.access = s.access
                WHERE c.duplicate_of IS NULL AND c.compared
            )
            SELECT id, bands, uri, candidate FROM ranked WHERE place <= %(most)s
            """,
            {
                "ids": [one[0] for one in given],
                "access": [one[1] for one in given],
                "bands": [one[2] for one in given],
                "collection": collection,
                "most": MOST_CANDIDATES,
            },
        )
        found: dict[int, list[Candidate]] = {}
        for row in await cursor.fetchall():
            found.setdefault(row["id"], []).append(Candidate(-row["bands"], row["uri"], row["candidate"]))
        return found


async def texts(identity: Identity, documents: Sequence[int]) -> dict[int, str]:
    """The texts of documents by id."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, text FROM documents WHERE id = ANY (%s)", (list(documents),)
        )
        return {row["id"]: row["text"] for row in await cursor.fetchall()}


async def settle(identity: Identity, keeper_of: Mapping[int, int | None]) -> None:
    """Note for documents, by id, behind which other they stand; None: they are searched themselves.

    A document whose keeper has changed or gone meanwhile goes on waiting.
    """
    keepers = sorted({keeper for keeper in keeper_of.values() if keeper})
    async with ingesting(identity) as connection:
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
        await connection.execute(
            "INSERT INTO document_bands (collection, band, document) "
            "SELECT DISTINCT collection, unnest(signature), id FROM documents WHERE id = ANY (%s) "
            "ON CONFLICT DO NOTHING",
            ([key for key, keeper in settled.items() if keeper is None],),
        )
        changes = Changes()
        await place_chunks(connection, [key for key, keeper in settled.items() if keeper], changes)
        await changes.apply(connection)
