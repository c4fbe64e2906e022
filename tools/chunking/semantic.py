"""Chunks that end where the topic changes: at the valleys of likeness between neighbouring sentences."""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
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
"""Words of a chunk; shorter only where its neighbours leave no room."""
PERCENTILE = 80
"""The share of the gaps between sentences that are too small to end a chunk."""


async def cut_semantically(document: Document) -> list[Chunk]:
    """Chunks of 60 to 250 words, ended where what follows is least like what went before.

    Every sentence is embedded once for it: with a hosted embedder, ingestion costs twice as much.
    """
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
    spans = [(run[0].start, run[-1].end) for run in runs(pieces, gaps.tolist(), deep)]
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


def runs(pieces: Sequence[Piece], gaps: Sequence[float], deep: float) -> Iterator[Sequence[Piece]]:
    """Runs of pieces, ended at gaps of at least `deep`, the deepest first; longer runs at shallower gaps too.

    gaps: one between each piece and the next.
    """
    total = [0, *accumulate(piece.words for piece in pieces)]
    ends = [0, len(pieces)]
    for place in sorted(range(1, len(pieces)), key=lambda place: -gaps[place - 1]):
        index = bisect_left(ends, place)
        before, after = total[place] - total[ends[index - 1]], total[ends[index]] - total[place]
        if min(before, after) >= LEAST and (gaps[place - 1] >= deep or before + after > MOST):
            ends.insert(index, place)
    for start, stop in pairwise(ends):
        yield from _bounded(pieces[start:stop])


def _bounded(pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """The pieces in runs of at most MOST words, where no gap could be used."""
    start = size = 0
    for place, piece in enumerate(pieces):
        if size + piece.words > MOST and place > start:
            yield pieces[start:place]
            start, size = place, 0
        size += piece.words
    yield pieces[start:]
