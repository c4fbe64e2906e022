"""The rows of chunks and their postings, written and deleted inside the transaction of their documents."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from state.identity import Identity
from state.passages import Suspicion
from state.postgres import vocabulary
from state.postgres.access_classes import Changes
from state.postgres.pool import Connection, ingesting

LONGEST_TERM = 200
"""Characters: longer ones are noise, and an index entry has to fit a page."""


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One chunk as it is stored.

    `start`, `end` and `read` are characters into the document's text; `embedding` has unit length; `span_vectors`
    are those of the text's sentences, packed, or empty; `digest` marks all that was embedded. `token_codes` and
    `stems`, its tokens and index terms for ranking, may be empty too. `suspicion`: what the guard made of what is read.
    """

    start: int
    end: int
    read: tuple[int, int]
    page: int | None
    headings: Sequence[str]
    text: str
    context: str
    counts: Mapping[str, int]
    embedding: Sequence[float]
    span_vectors: bytes
    digest: bytes
    token_codes: bytes = b""
    stems: bytes = b""
    suspicion: Suspicion | None = None

    @property
    def terms(self) -> int:
        """The length for BM25."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Placed:
    """A chunk with its place: access class, document and number in it."""

    access: int
    document: int
    ordinal: int
    row: ChunkRow


async def insert(connection: Connection, placed: Sequence[Placed], changes: Changes) -> None:
    """Write chunks and postings of any number of documents."""
    if not placed:
        return
    cursor = await connection.execute(
        "SELECT nextval(pg_get_serial_sequence('chunks', 'id')) AS id FROM generate_series(1, %s)",
        (len(placed),),
    )
    ids = [row["id"] for row in await cursor.fetchall()]
    await _insert_chunks(connection, ids, placed)
    await _insert_postings(connection, ids, placed, changes)
    for chunk in placed:
        changes.add(chunk.access, 1, chunk.row.terms)


async def _insert_chunks(connection: Connection, ids: Sequence[int], placed: Sequence[Placed]) -> None:
    statement = (
        "INSERT INTO chunks (id, access, document, ordinal, start_at, end_at, read_start, read_end, page, headings, "
        "text, context, terms, embedding, span_vectors, digest, token_codes, stems, "
        "suspicion, suspicion_start, suspicion_end, suspicion_by) "
        "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    )
    rows = [
        (
            key,
            chunk.access,
            chunk.document,
            chunk.ordinal,
            chunk.row.start,
            chunk.row.end,
            *chunk.row.read,
            chunk.row.page,
            list(chunk.row.headings),
            chunk.row.text,
            chunk.row.context,
            chunk.row.terms,
            vector_literal(chunk.row.embedding),
            chunk.row.span_vectors,
            chunk.row.digest,
            chunk.row.token_codes,
            chunk.row.stems,
            *suspicion_columns(chunk.row.suspicion),
        )
        for key, chunk in zip(ids, placed, strict=True)
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(statement, rows)


async def _insert_postings(
    connection: Connection, ids: Sequence[int], placed: Sequence[Placed], changes: Changes
) -> None:
    frequencies: Counter[tuple[int, str, int, int]] = Counter()
    for key, chunk in zip(ids, placed, strict=True):
        for term, frequency in chunk.row.counts.items():
            frequencies[chunk.access, term[:LONGEST_TERM], key, chunk.row.terms] += frequency
    if not frequencies:
        return
    # In the order of the primary key, so that neighbours go to the same page of its index.
    rows = sorted((*place, min(frequency, 32_767)) for place, frequency in frequencies.items())
    # One statement with arrays: COPY does not work under row-level security, and this is as fast.
    await connection.execute(
        "INSERT INTO postings (access, term, chunk, terms, frequency) SELECT * FROM unnest"
        "(%s::integer[], %s::text[], %s::bigint[], %s::integer[], %s::smallint[])",
        tuple(map(list, zip(*rows, strict=True))),
    )
    changes.holding.update((access, term) for access, term, *_ in rows)


async def delete(connection: Connection, documents: Sequence[int], changes: Changes) -> None:
    """Delete the chunks of documents with their postings."""
    given = {"documents": list(documents)}
    cursor = await connection.execute(
        """
        WITH gone AS (DELETE FROM postings WHERE chunk = ANY (ARRAY(
            SELECT id FROM chunks WHERE document = ANY (%(documents)s))) RETURNING access, term)
        SELECT access, term, count(*) AS chunks FROM gone GROUP BY access, term
        """,
        given,
    )
    for row in await cursor.fetchall():
        changes.holding[row["access"], row["term"]] -= row["chunks"]
    cursor = await connection.execute(
        """
        WITH gone AS (DELETE FROM chunks WHERE document = ANY (%(documents)s) RETURNING access, terms)
        SELECT access, count(*) AS chunks, sum(terms) AS terms FROM gone GROUP BY access
        """,
        given,
    )
    for row in await cursor.fetchall():
        changes.add(row["access"], -row["chunks"], -row["terms"])
    await vocabulary.take(connection, documents, changes.words)


async def embedded(
    identity: Identity, digests: Sequence[bytes]
) -> dict[bytes, tuple[list[float], bytes, bytes]]:
    """Vectors that are stored already, by digest: of the same text, in the same context, in the same tenant."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT ON (digest) digest, embedding::real[] AS embedding, span_vectors, token_codes "
            "FROM chunks WHERE digest = ANY (%s) AND (span_vectors = '' OR token_codes <> '')",
            (list(digests),),
        )
        rows = await cursor.fetchall()
    return {
        bytes(row["digest"]): (row["embedding"], bytes(row["span_vectors"]), bytes(row["token_codes"]))
        for row in rows
    }


def suspicion_columns(found: Suspicion | None) -> tuple[float | int | str | None, ...]:
    """Its score, start, end and version, as they are stored."""
    return (found["score"], found["start"], found["end"], found["by"]) if found else (None,) * 4


def vector_literal(vector: Sequence[float]) -> str:
    """A vector in pgvector's text form; five digits hold all that a half float can."""
    return f"[{','.join(f'{x:.5g}' for x in vector)}]"
