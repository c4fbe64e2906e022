"""Load an evaluation's documents through the product's own parsing, chunking, embedding and storing."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from evals.formats import Document
from state.identity import Identity
from state.postgres import collections, files, ingest_runs
from state.postgres.chunks import ChunkRow
from state.postgres.documents import DocumentRow, FileRow, store
from state.postgres.files import Planned
from state.postgres.pool import ingesting
from tools.chunking import DEFAULT, cut
from tools.guard.chunks import suspected
from tools.index import claim_index, index_rows
from tools.parse.document import Document as Parsed
from tools.parse.parsers import parse
from tools.query.acronyms import short_forms

BATCH = 32
URI = "eval:/"
COLLECTION = "eval"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


async def load(
    identity: Identity, documents: Sequence[Document], progress: Progress, chunking: str = DEFAULT
) -> dict[str, int]:
    """Store the documents, cut as `chunking` says; returns the number that the database gave to each id."""
    await claim_index()
    collection, run = await collections.ensure(identity, COLLECTION), await ingest_runs.new(identity)
    remaining, done = iter(documents), 0
    while batch := list(islice(remaining, BATCH)):
        places = [Planned(URI + document.id, document.id, tuple(document.groups), None) for document in batch]
        await files.queue(identity, collection.id, run, places)
        file_ids = {row["path"]: row["id"] for row in await files.pending(identity, run, BATCH)}
        rows = await _rows(identity, batch, chunking)
        await store(identity, [_file(file_ids[row.path], row) for row in rows])
        done += len(batch)
        progress("Indexing", done, len(documents))
    async with ingesting(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, path FROM documents WHERE collection = %s", (collection.id,)
        )
        return {row["path"]: row["id"] for row in await cursor.fetchall()}


async def _rows(identity: Identity, batch: Sequence[Document], chunking: str) -> list[DocumentRow]:
    parsed = [await _parse(document) for document in batch]
    chunks = [await cut(document, chunking) for document in parsed]
    rows = await index_rows(
        identity, [(text.title, its, []) for text, its in zip(parsed, chunks, strict=True)]
    )
    titles = [document.title or text.title for document, text in zip(batch, parsed, strict=True)]
    guarded = await suspected(
        [(title, text.text, its) for title, text, its in zip(titles, parsed, rows, strict=True)]
    )
    return [_row(*parts, chunking) for parts in zip(batch, parsed, guarded, strict=True)]


def _read(file: Path) -> Parsed:
    return parse(str(file), file.read_bytes())


async def _parse(document: Document) -> Parsed:
    if document.path:
        return await asyncio.to_thread(_read, Path(document.path))
    if not document.text.strip():
        return Parsed(document.title, "", "text/plain", ())
    parsed = await asyncio.to_thread(parse, "document.txt", document.text.encode())
    return Parsed(document.title, parsed.text, parsed.media_type, parsed.elements)


def _row(document: Document, parsed: Parsed, chunks: Sequence[ChunkRow], chunking: str) -> DocumentRow:
    return DocumentRow(
        member="",
        uri=f"{URI}{document.id}",
        path=document.id,
        title=document.title or parsed.title,
        media_type=parsed.media_type,
        text=parsed.text,
        content_hash=hashlib.sha256(parsed.text.encode()).digest(),
        pages=parsed.pages,
        page_starts=parsed.page_starts,
        chunking=chunking,
        short_forms=short_forms(parsed.text),
        chunks=chunks,
    )


def _file(number: int, row: DocumentRow) -> FileRow:
    return FileRow(number, None, row.content_hash, row.chunking, [row])
