"""What is read where a chunk is found: its own text, or more of the document around it."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.rows import DictRow

from state.identity import Identity
from state.passages import Suspicion
from state.postgres.pool import fetch

MOST_ALSO = 100
"""Paths of duplicates that are named with a passage."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a chunk stands (`span`) and what is read of its document for it (`read`), in characters.

    What ranking needs, each packed, each empty where it was never made: `span_vectors` of its sentences, `token_codes`
    of its content tokens, and its index terms in order (`stems`).
    """

    document: int
    span: tuple[int, int]
    read: tuple[int, int]
    span_vectors: bytes
    token_codes: bytes = b""
    stems: bytes = b""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """What is read where a chunk is found: `text` begins at character `start` of the document in this version.

    page: from 1, where the text begins; page_starts: the characters of the document where further pages begin in it;
    also_in: the paths of documents that say the same. collection: the name of the document's. suspicion: what the guard
    made of it when it was stored.
    """

    document: int
    version: int
    path: str
    title: str
    text: str
    start: int
    page: int | None
    page_starts: tuple[int, ...]
    headings: tuple[str, ...]
    also_in: tuple[str, ...]
    collection: str
    suspicion: Suspicion | None


async def load_found(identity: Identity, ids: Sequence[int]) -> dict[int, Found]:
    """Places, and what ranking needs, of chunks by id, of those that the asker may see."""
    rows = await fetch(
        identity,
        "SELECT c.id, c.document, c.start_at, c.end_at, c.read_start, c.read_end, c.span_vectors, c.token_codes, "
        "c.stems, d.title FROM chunks c JOIN documents d ON d.id = c.document WHERE c.id = ANY (%s)",
        (list(ids),),
        binary=True,
    )
    return {row["id"]: _found(row) for row in rows}


async def load_texts(identity: Identity, ids: Sequence[int]) -> dict[int, str]:
    """The texts of chunks by id, of those that the asker may see."""
    rows = await fetch(identity, "SELECT id, text FROM chunks WHERE id = ANY (%s)", (list(ids),))
    return {row["id"]: row["text"] for row in rows}


async def load_readings(identity: Identity, ids: Sequence[int]) -> dict[int, Reading]:
    """What is read for chunks, by their ids, of those that the asker may see."""
    # A long text is unpacked whole for any part of it: only where more than the chunk is read.
    rows = await fetch(
        identity,
        """
        SELECT c.id, c.document, d.version, d.path, d.title, c.read_start, c.page, d.page_starts, c.headings,
            k.name AS collection, c.suspicion, c.suspicion_start, c.suspicion_end, c.suspicion_by,
            ARRAY(SELECT path FROM documents o WHERE o.duplicate_of = d.id ORDER BY o.uri LIMIT %s) AS also_in,
            CASE WHEN (c.read_start, c.read_end) = (c.start_at, c.end_at) THEN c.text
                ELSE substr(d.text, c.read_start + 1, c.read_end - c.read_start) END AS text
        FROM chunks c JOIN documents d ON d.id = c.document JOIN collections k ON k.id = d.collection
        WHERE c.id = ANY (%s)
        """,
        (MOST_ALSO, list(ids)),
    )
    return {row["id"]: _reading(row) for row in rows}


def _found(row: DictRow) -> Found:
    span, read = (row["start_at"], row["end_at"]), (row["read_start"], row["read_end"])
    return Found(
        row["document"], span, read, row["span_vectors"], row["token_codes"], row["stems"], row["title"]
    )


def _reading(row: DictRow) -> Reading:
    start, pages = row["read_start"], row["page_starts"]
    before = bisect_right(pages, start)
    return Reading(
        document=row["document"],
        version=row["version"],
        path=row["path"],
        title=row["title"],
        text=row["text"],
        start=start,
        page=before or row["page"],
        page_starts=tuple(pages[before : bisect_left(pages, start + len(row["text"]))]),
        headings=tuple(row["headings"]),
        also_in=tuple(row["also_in"]),
        collection=row["collection"],
        suspicion=_suspicion(row),
    )


def _suspicion(row: DictRow) -> Suspicion | None:
    if row["suspicion_by"] is None:
        return None
    return Suspicion(
        score=row["suspicion"], start=row["suspicion_start"], end=row["suspicion_end"], by=row["suspicion_by"]
    )
