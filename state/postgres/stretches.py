"""Any part of a document's text, with the pages that begin in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from state.identity import Identity
from state.postgres.pool import scoped

Place = tuple[int, int, int]
"""A document and two characters of its text, the end exclusive."""


@dataclass(frozen=True, slots=True)
class StretchText:
    """The text of a place in the document's present version, and the characters where its pages begin."""

    version: int
    text: str
    page_starts: tuple[int, ...]


async def load_stretches(identity: Identity, places: Sequence[Place]) -> dict[Place, StretchText]:
    """The texts of places in documents, of those that the asker may see."""
    if not places:
        return {}
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            """
            SELECT d.id, s.first, s.past, d.version, d.page_starts,
                substr(d.text, s.first + 1, s.past - s.first) AS text
            FROM unnest(%s::bigint[], %s::integer[], %s::integer[]) AS s (document, first, past)
            JOIN documents d ON d.id = s.document
            """,
            [list(column) for column in zip(*places, strict=True)],
        )
        return {
            (row["id"], row["first"], row["past"]): StretchText(
                row["version"], row["text"], tuple(row["page_starts"])
            )
            for row in await cursor.fetchall()
        }
