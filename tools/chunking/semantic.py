"""Chunks that end where the topic changes: at the valleys of likeness between neighbouring sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tools.chunking.chunk import Chunk
from tools.chunking.outline import to_chunks
from tools.chunking.pieces import Piece, groups
from tools.embed.embedder import embedder
from tools.parse.document import Document

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LEAST = 60
MOST = 250
"""Words of a chunk; only the last of a document may be shorter."""
PERCENTILE = 80
"""The share of the gaps between sentences that are too small to end a chunk."""


async def semantic(document: Document) -> list[Chunk]:
    """Chunks of 60 to 250 words, ended where what follows is least like what went before.

    Every sentence is embedded once for it: with a hosted embedder, ingestion costs twice as much.
    """
    import asyncio

    pieces = await asyncio.to_thread(_all_pieces, document)
    if not pieces:
        return []
    vectors = await (await embedder()).embed([document.text[piece.start : piece.end] for piece in pieces])
    return await asyncio.to_thread(_chunks, document, pieces, vectors)


def _all_pieces(document: Document) -> list[Piece]:
    return [piece for group in groups(document.text, document.elements, MOST) for piece in group]


def _chunks(document: Document, pieces: Sequence[Piece], vectors: NDArray[np.float32]) -> list[Chunk]:
    import numpy as np

    gaps = distances(vectors)
    deep = float(np.percentile(gaps, PERCENTILE)) if len(gaps) else 0.0
    spans = [(run[0].start, run[-1].end) for run in cut(pieces, gaps.tolist(), deep)]
    return to_chunks(document, [(span, span) for span in spans])


def distances(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """1 - cosine of the two sentences before and the two after each gap: unit rows (n, d) to (n - 1,)."""
    import numpy as np

    before, after = vectors[:-1].copy(), vectors[1:].copy()
    before[1:] += vectors[:-2]
    after[:-1] += vectors[2:]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(after, axis=1)
    found: NDArray[np.float32] = 1 - (before * after).sum(axis=1) / np.maximum(lengths, 1e-9)
    return found


def cut(pieces: Sequence[Piece], gaps: Sequence[float], deep: float) -> Iterator[Sequence[Piece]]:
    """Runs of pieces, ended at gaps of at least `deep`, or at the deepest one where a run would grow too long.

    gaps: one between each piece and the next.
    """
    start = size = 0
    stop = 1
    while stop < len(pieces):
        size += pieces[stop - 1].words
        if size + pieces[stop].words > MOST:
            stop = _deepest(pieces, gaps, start, stop)
        elif size < LEAST or gaps[stop - 1] < deep:
            stop += 1
            continue
        yield pieces[start:stop]
        start, size, stop = stop, 0, stop + 1
    if start < len(pieces):
        yield pieces[start:]


def _deepest(pieces: Sequence[Piece], gaps: Sequence[float], start: int, stop: int) -> int:
    """Where a run that must end by `stop` is cut: no earlier than LEAST words, if it has as many."""
    size, places = 0, []
    for place in range(start + 1, stop + 1):
        size += pieces[place - 1].words
        if size >= LEAST:
            places.append(place)
    return max(places, key=lambda place: gaps[place - 1], default=stop)
