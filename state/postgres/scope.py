"""The part of the index that a search is limited to, in SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import LiteralString

from state.filters import Filters, Phrase
from state.postgres.filtering import Values, documents_where, phrases_where
from state.postgres.pool import Connection

# A duplicate is found in the document that is searched in its place.
_DOCUMENTS: LiteralString = "SELECT coalesce(d.duplicate_of, d.id) FROM documents d WHERE {documents}"


@dataclass(frozen=True, slots=True)
class Scope:
    """Conditions on documents `d` and on chunks `c`, None for none, with their values."""

    documents: LiteralString | None
    chunks: LiteralString | None
    values: Values

    @classmethod
    def of(cls, filters: Filters, phrases: Sequence[Phrase]) -> "Scope":
        """The scope of filters and phrases; of neither it is everything."""
        documents, values = documents_where(filters)
        chunks, more = phrases_where(phrases)
        return cls(documents if filters else None, chunks if phrases else None, values | more)

    @property
    def everything(self) -> bool:
        """Whether nothing limits the search."""
        return self.documents is None and self.chunks is None

    def where(self, *, indexed: bool) -> LiteralString:
        """The condition on a chunk: by the index of documents, or row by row beside the index of vectors."""
        parts: list[LiteralString] = []
        if self.documents is not None:
            documents = _DOCUMENTS.format(documents=self.documents)
            # A test of the row that the planner cannot turn into a join: a join would sort and use no vector index.
            by_row = f"(c.document IN ({documents})) IS TRUE"
            parts.append(by_row if indexed else f"c.document = ANY (ARRAY({documents}))")
        if self.chunks is not None:
            parts.append(self.chunks)
        return " AND ".join(parts) or "true"

    def postings(self, *, small: bool) -> LiteralString:
        """The condition on a posting `p`: few chunks are looked up in the index, many are a set to test against."""
        if self.everything:
            return "true"
        chunks: LiteralString = f"SELECT c.id FROM chunks c WHERE {self.where(indexed=False)}"  # noqa: S608 - fixed
        return f"p.chunk = ANY (ARRAY({chunks}))" if small else f"p.chunk IN ({chunks})"

    async def is_small(self, connection: Connection, most: int) -> bool:
        """Whether the scope limits the search to at most so many chunks."""
        if self.everything:
            return False
        cursor = await connection.execute(
            f"SELECT count(*) AS n FROM (SELECT FROM chunks c WHERE {self.where(indexed=False)} "  # noqa: S608 - fixed
            "LIMIT %(most)s + 1) c",
            self.values | {"most": most},
        )
        row = await cursor.fetchone()
        return row is not None and row["n"] <= most
