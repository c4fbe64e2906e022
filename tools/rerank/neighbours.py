"""Related passages support each other: scores are smoothed over neighbours (score regularisation, Diaz 2005)."""

import numpy as np
from numpy.typing import NDArray

NEIGHBOURS = 10
SMOOTHING = 0.4
POWER = 3

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


def likeness(vectors: NDArray[np.float32]) -> Likeness:
    """How alike chunks are (n, n), 0 to 1: a power of the cosine of their vectors (n, d).

    A chunk without a vector (zeros) is like none.
    """
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    near: Likeness = np.maximum(unit @ unit.T, 0) ** POWER
    return near
