"""Documents and their chunks: stored, replaced and deleted in one transaction each."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal

from psycopg import AsyncConnection, DataError
from psycopg.errors import ProgramLimitExceeded
from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import scoped

Connection = AsyncConnection[DictRow]
LONGEST_TERM = 200
"""Characters: longer ones are noise, and an index entry has to fit a page."""

Stored = Literal["added", "updated", "unchanged"]


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """One chunk as it is stored.

    `start` and `end` are characters into the document's text; `embedding` has unit length; `span_vectors` are
    those of the text's sentences, packed, or empty.
    """

    start: int
    end: int
    page: int | None
    headings: Sequence[str]
    text: str
    counts: Mapping[str, int]
    embedding: Sequence[float]
    span_vectors: bytes


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """One document as it is stored; `groups` empty means that the whole tenant may read it."""

    uri: str
    path: str
    groups: tuple[str, ...]
    title: str
    media_type: str
    text: str
    pages: int | None
    content_hash: bytes


def ingesting(identity: Identity) -> AbstractAsyncContextManager[Connection]:
    """A transaction that writes within the identity's tenant."""
    return scoped(identity, role="kairos_ingester")


async def store(identity: Identity, row: DocumentRow, chunks: Sequence[ChunkRow]) -> Stored:
    """Put a document in place of what stands at its uri; readers see the old or the new, whole.

    Raises KairosError `document_refused` for what Postgres cannot hold, such as a name of 5,000 characters.
    """
    try:
        return await _store(identity, row, chunks)
    except (DataError, ProgramLimitExceeded, UnicodeEncodeError) as error:
        cause = str(error).partition("\n")[0]
        raise KairosError("document_refused", f"{row.path} cannot be stored: {cause}.") from error


async def _store(identity: Identity, row: DocumentRow, chunks: Sequence[ChunkRow]) -> Stored:
    async with ingesting(identity) as connection:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))",
            (f"{identity.tenant}\x1f{row.uri}",),
        )
        access = await _access_class(connection, identity.tenant, row.groups)
        old = await _find(connection, row)
        if old and old["content_hash"] == row.content_hash and old["access"] == access:
            return "unchanged"
        if old:
            await _delete_chunks(connection, [old["id"]])
        document = await _put_document(connection, identity.tenant, access, row)
        await _put_chunks(connection, document, access, chunks)
        return "updated" if old else "added"


async def _find(connection: Connection, row: DocumentRow) -> DictRow | None:
    cursor = await connection.execute(
        "SELECT id, access, content_hash FROM documents WHERE uri = %s", (row.uri,)
    )
    return await cursor.fetchone()


async def _access_class(connection: Connection, tenant: str, groups: Sequence[str]) -> int:
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


async def _put_document(connection: Connection, tenant: str, access: int, row: DocumentRow) -> int:
    cursor = await connection.execute(
        """
        INSERT INTO documents (tenant, access, uri, path, title, media_type, text, pages, content_hash)
        VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
        ON CONFLICT (tenant, uri) DO UPDATE SET access = excluded.access, path = excluded.path, title = excluded.title,
            media_type = excluded.media_type, text = excluded.text, pages = excluded.pages,
            content_hash = excluded.content_hash, version = documents.version + 1, updated_at = now()
        RETURNING id
        """,
        (
            tenant,
            access,
            row.uri,
            row.path,
            row.title,
            row.media_type,
            row.text,
            row.pages,
            row.content_hash,
        ),
    )
    found = await cursor.fetchone()
    assert found is not None  # noqa: S101 - RETURNING gives the row
    return int(found["id"])


async def _put_chunks(connection: Connection, document: int, access: int, chunks: Sequence[ChunkRow]) -> None:
    if not chunks:
        return
    cursor = await connection.execute(
        "SELECT nextval(pg_get_serial_sequence('chunks', 'id')) AS id FROM generate_series(1, %s)",
        (len(chunks),),
    )
    ids = [row["id"] for row in await cursor.fetchall()]
    await _insert_chunks(connection, document, access, ids, chunks)
    await _insert_postings(connection, access, ids, chunks)
    await _count(connection, access, len(chunks), sum(_length(chunk) for chunk in chunks))


async def _insert_chunks(
    connection: Connection, document: int, access: int, ids: Sequence[int], chunks: Sequence[ChunkRow]
) -> None:
    statement = (
        "INSERT INTO chunks (id, access, document, ordinal, start_at, end_at, page, headings, text, terms, "
        "embedding, span_vectors) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
    )
    rows = [
        (
            key,
            access,
            document,
            ordinal,
            chunk.start,
            chunk.end,
            chunk.page,
            list(chunk.headings),
            chunk.text,
            _length(chunk),
            vector_literal(chunk.embedding),
            chunk.span_vectors,
        )
        for ordinal, (key, chunk) in enumerate(zip(ids, chunks, strict=True))
    ]
    async with connection.cursor() as cursor:
        await cursor.executemany(statement, rows)


async def _insert_postings(
    connection: Connection, access: int, ids: Sequence[int], chunks: Sequence[ChunkRow]
) -> None:
    rows = [
        (term[:LONGEST_TERM], key, min(frequency, 32_767), _length(chunk))
        for key, chunk in zip(ids, chunks, strict=True)
        for term, frequency in chunk.counts.items()
    ]
    if not rows:
        return
    # One statement with arrays: COPY does not work under row-level security, and this is as fast.
    await connection.execute(
        "INSERT INTO postings (access, term, chunk, frequency, terms) "
        "SELECT %s, * FROM unnest(%s::text[], %s::bigint[], %s::smallint[], %s::integer[]) ON CONFLICT DO NOTHING",
        (access, *map(list, zip(*rows, strict=True))),
    )


async def _count(connection: Connection, access: int, chunks: int, terms: int) -> None:
    await connection.execute(
        "UPDATE access_classes SET chunks = chunks + %s, terms = terms + %s WHERE id = %s",
        (chunks, terms, access),
    )


async def _delete_chunks(connection: Connection, documents: Sequence[int]) -> None:
    """Delete chunks with their postings, and take them out of the corpus statistics."""
    await connection.execute(
        """
        WITH gone AS (DELETE FROM chunks WHERE document = ANY(%(documents)s) RETURNING id, access, terms),
             postings_gone AS (DELETE FROM postings WHERE chunk = ANY (ARRAY(SELECT id FROM gone))),
             sums AS (SELECT access, count(*) AS chunks, sum(terms) AS terms FROM gone GROUP BY access)
        UPDATE access_classes c SET chunks = c.chunks - sums.chunks, terms = c.terms - sums.terms
        FROM sums WHERE c.id = sums.access
        """,
        {"documents": list(documents)},
    )


async def delete(identity: Identity, documents: Sequence[int]) -> int:
    """Delete documents with everything derived from them; returns how many there were."""
    async with ingesting(identity) as connection:
        await _delete_chunks(connection, documents)
        cursor = await connection.execute("DELETE FROM documents WHERE id = ANY(%s)", (list(documents),))
        return cursor.rowcount


async def list_under(identity: Identity, uris: Sequence[str]) -> list[DictRow]:
    """What is stored at or under each of some uris: id, uri, content_hash and groups of each document."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT d.id, d.uri, d.content_hash, c.groups FROM documents d "
            "JOIN access_classes c ON c.id = d.access "
            "WHERE EXISTS (SELECT FROM unnest(%s::text[]) AS root "
            "WHERE d.uri = root OR starts_with(d.uri, root || '/'))",
            (list(uris),),
        )
        return await cursor.fetchall()


async def count(identity: Identity) -> int:
    """How many documents the tenant has, whoever may see them."""
    async with ingesting(identity) as connection:
        cursor = await connection.execute("SELECT count(*) AS n FROM documents")
        row = await cursor.fetchone()
    return int(row["n"]) if row else 0


async def read(identity: Identity, document: int) -> DictRow:
    """A document's title, path, pages, media type and text, if the asker may see it."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, title, path, pages, media_type, version, updated_at, text FROM documents WHERE id = %s",
            (document,),
        )
        found = await cursor.fetchone()
    if found is None:
        raise KairosError("document_unknown", f"There is no document {document} that you may see.")
    return found


def vector_literal(vector: Sequence[float]) -> str:
    """A vector in pgvector's text form; five digits hold all that a half float can."""
    return f"[{','.join(f'{x:.5g}' for x in vector)}]"


def _length(chunk: ChunkRow) -> int:
    return sum(chunk.counts.values())
