"""How near the question is to a chunk's nearest sentence, and to its tokens."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tools.embed.token_codes import BITS, CODE

MOST_TOKENS = 32
"""Of a long question the most telling ones count, as in ColBERT."""

Scores = NDArray[np.float64]
Vectors = NDArray[np.float32]


def nearest_sentence(question: Vectors, sentences: Vectors, counts: Sequence[int], cosine: Scores) -> Scores:
    """The cosine of each chunk's nearest sentence (n,); `cosine` stands in for a chunk without any.

    question: (d,), unit length. sentences: unit vectors (sum of counts, d), pooled from the pass that embedded the
    whole ("late chunking", Günther et al. 2024).
    """
    scores, filled = cosine.copy(), np.flatnonzero(counts)
    if len(filled):
        scores[filled] = np.maximum.reduceat(sentences @ question, starts(np.array(counts)[filled]))
    return scores


def late_interaction(question: Vectors, weights: Scores, codes: Sequence[bytes]) -> Scores:
    """The weighted mean of each question token's nearest token in a chunk (n,) (MaxSim, Khattab and Zaharia 2020).

    question: (m, BITS), unit length. weights: (m,). codes: sign bits of each chunk's tokens, at least one token each.
    The question keeps its real values (asymmetric distance, Jégou et al. 2011).
    """
    telling = np.argsort(-weights, kind="stable")[:MOST_TOKENS]
    question, weights = question[telling], weights[telling]
    bits = np.unpackbits(np.frombuffer(b"".join(codes), np.uint8)).reshape(-1, BITS).astype(np.float32)
    firsts = starts(np.array([len(code) // CODE for code in codes]))
    most = np.maximum.reduceat(question @ bits.T, firsts, axis=1)
    # A sign is twice its bit less one.
    best = (2 * most - question.sum(axis=1, keepdims=True)) / np.float32(np.sqrt(BITS))
    total: Scores = (weights / weights.sum()) @ best
    return total


def starts(counts: NDArray[np.int_]) -> NDArray[np.int_]:
    """Where each of consecutive groups begins; none may be empty."""
    return np.concatenate(([0], np.cumsum(counts)[:-1]))
