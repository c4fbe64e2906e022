"""Related passages support each other: scores are smoothed over neighbours (score regularisation, Diaz 2005)."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.rerank.stems import Stems

NEIGHBOURS = 10
SMOOTHING = 0.25
LEXICAL = 0.5
"""Share of shared words in the likeness; the rest is that of the vectors."""
TERMS = 32
"""The most telling ones of a chunk."""

Scores = NDArray[np.float64]
Likeness = NDArray[np.float32]


def smooth(scores: Scores, likeness: Likeness) -> Scores:
    """Each score (n,) drawn towards those of its nearest neighbours; likeness: (n, n), 0 to 1."""
    near = likeness.copy()
    np.fill_diagonal(near, 0)
    if len(near) > NEIGHBOURS:
        least = np.partition(near, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
        near[near < least] = 0
    smoothed: Scores = (scores + SMOOTHING * (near @ scores)) / (1 + SMOOTHING * near.sum(axis=1))
    return smoothed


def likeness(vectors: NDArray[np.float32], chunks: Sequence[Stems]) -> Likeness:
    """How alike chunks are (n, n): half by vectors (n, d) of any length, half by the words they share."""
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    dense: Likeness = np.maximum(unit @ unit.T, 0) ** 4
    words = _words(chunks)
    return np.float32(LEXICAL) * (words @ words.T) + np.float32(1 - LEXICAL) * dense


def _words(chunks: Sequence[Stems]) -> NDArray[np.float32]:
    """Unit rows (n, terms) of each chunk's TERMS most telling terms: saturated counts times rarity in this set."""
    rows = np.repeat(np.arange(len(chunks)), [len(chunk) for chunk in chunks])
    _, columns = np.unique(np.concatenate(chunks), return_inverse=True)
    if not len(columns):
        return np.zeros((len(chunks), 1), np.float32)
    width = int(columns.max()) + 1
    cells, times = np.unique(rows * width + columns, return_counts=True)
    rows, columns = cells // width, cells % width
    holding = np.bincount(columns, minlength=width)
    rarity = np.log1p((len(chunks) - holding + 0.5) / (holding + 0.5))
    weights = rarity[columns] * times / (times + 1.0)
    rows, columns, weights = _best_of_each(rows, columns, weights)
    return _shared(rows, columns, weights, len(chunks))


def _best_of_each(
    rows: NDArray[np.int_], columns: NDArray[np.int_], weights: Scores
) -> tuple[NDArray[np.int_], NDArray[np.int_], Scores]:
    order = np.lexsort((-weights, rows))
    rows = rows[order]
    place = np.arange(len(rows)) - np.searchsorted(rows, rows)
    kept = order[place < TERMS]
    return rows[place < TERMS], columns[kept], weights[kept]


def _shared(
    rows: NDArray[np.int_], columns: NDArray[np.int_], weights: Scores, count: int
) -> NDArray[np.float32]:
    """The matrix of unit rows without the columns that one chunk alone has: these match nothing."""
    norms = np.sqrt(np.bincount(rows, weights**2, minlength=count))
    _, inverse, sizes = np.unique(columns, return_inverse=True, return_counts=True)
    new, kept = np.cumsum(sizes > 1) - 1, sizes[inverse] > 1
    matrix = np.zeros((count, max(int((sizes > 1).sum()), 1)), np.float32)
    matrix[rows[kept], new[inverse[kept]]] = weights[kept] / norms[rows[kept]]
    return matrix
