"""Load an evaluation's documents through the product's own parsing, chunking, embedding and storing."""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path

from evals.formats import Document
from state.identity import Identity
from state.postgres.documents import ChunkRow, DocumentRow, list_under, store
from tools.chunk import Chunk, chunk
from tools.index import claim_index, index_rows
from tools.parse import parse
from tools.parse.document import Document as Parsed

BATCH = 32
URI = "eval:/"

Progress = Callable[[str, int, int], None]
"""Told what is being done, how much of it is done, and how much there is."""


async def load(identity: Identity, documents: Sequence[Document], progress: Progress) -> dict[str, int]:
    """Store the documents; returns the number that the database gave to each id."""
    await claim_index()
    remaining, done = iter(documents), 0
    while batch := list(islice(remaining, BATCH)):
        parsed = [await _parse(document) for document in batch]
        chunks = [await asyncio.to_thread(chunk, document) for document in parsed]
        rows = await _rows(parsed, chunks)
        for document, text, its in zip(batch, parsed, rows, strict=True):
            await store(identity, _document_row(document, text), its)
        done += len(batch)
        progress("Indexing", done, len(documents))
    stored = await list_under(identity, [URI.rstrip("/")])
    return {row["uri"].removeprefix(URI): row["id"] for row in stored}


async def _parse(document: Document) -> Parsed:
    if document.path:
        return await parse(document.path, await asyncio.to_thread(Path(document.path).read_bytes))
    if not document.text.strip():
        return Parsed(document.title, "", "text/plain", ())
    parsed = await parse("document.txt", document.text.encode())
    return Parsed(document.title, parsed.text, parsed.media_type, parsed.elements)


async def _rows(parsed: Sequence[Parsed], chunks: Sequence[Sequence[Chunk]]) -> list[list[ChunkRow]]:
    titled = [(text.title, piece) for text, pieces in zip(parsed, chunks, strict=True) for piece in pieces]
    rows = iter(await index_rows(titled))
    return [list(islice(rows, len(pieces))) for pieces in chunks]


def _document_row(document: Document, parsed: Parsed) -> DocumentRow:
    return DocumentRow(
        uri=f"{URI}{document.id}",
        path=document.id,
        groups=tuple(document.groups),
        title=document.title or parsed.title,
        media_type=parsed.media_type,
        text=parsed.text,
        pages=parsed.pages,
        content_hash=hashlib.sha256(parsed.text.encode()).digest(),
    )
