"""Rank candidates by the best of their sentences, the words they share with the query, and their neighbours."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

LEXICAL = 0.4
"""Share of BM25; the rest is that of the nearest sentence."""
NEIGHBOURS = 10
SMOOTHING = 0.25

Scores = NDArray[np.float64]
Vectors = NDArray[np.float32]


def rank(
    query: Vectors, bm25: Sequence[float], cosine: Sequence[float], sentences: Vectors, counts: Sequence[int]
) -> Scores:
    """A score for each candidate, higher is better.

    query: (d,), unit length. sentences: the unit vectors of all candidates' sentences (sum of counts, d), pooled
    from the pass that embedded the whole ("late chunking", Günther et al. 2024); counts: how many each candidate
    has. If some candidate has none, `cosine` stands in for the nearest sentence.
    Scores of similar passages are smoothed (score regularisation, Diaz 2005): related passages support each other.
    """
    if not bm25:
        return np.zeros(0)
    if not all(counts):
        return _mix(np.array(bm25), np.array(cosine))
    starts = np.cumsum([0, *counts[:-1]])
    nearest = np.maximum.reduceat(sentences @ query, starts).astype(np.float64)
    return _smooth(_mix(np.array(bm25), nearest), np.add.reduceat(sentences, starts, axis=0))


def _mix(lexical: Scores, dense: Scores) -> Scores:
    return LEXICAL * _scale(lexical) + (1 - LEXICAL) * _scale(dense)


def _smooth(scores: Scores, vectors: Vectors) -> Scores:
    unit = vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    likeness = np.maximum(unit @ unit.T, 0).astype(np.float64) ** 4
    np.fill_diagonal(likeness, 0)
    if len(likeness) > NEIGHBOURS:
        least = np.partition(likeness, -NEIGHBOURS, axis=1)[:, -NEIGHBOURS, None]
        likeness[likeness < least] = 0
    smoothed: Scores = (scores + SMOOTHING * likeness @ scores) / (1 + SMOOTHING * likeness.sum(axis=1))
    return smoothed


def _scale(values: Scores) -> Scores:
    span = float(np.ptp(values))
    scaled: Scores = (values - values.min()) / span if span else np.zeros(len(values))
    return scaled
