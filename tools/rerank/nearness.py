"""How near the question is to each candidate by its vectors: worked out once, whatever else is ranked with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tools.analyse import stem
from tools.rerank.dense import Scores, Vectors, late_interaction, nearest_sentence, starts
from tools.rerank.interface import Question, Ranked
from tools.rerank.statistics import Statistics
from tools.sentence_vectors import unpack


@dataclass(frozen=True, slots=True)
class Nearness:
    """Of candidates in order: the cosine of the nearest sentence (n,), late interaction (n,), sentences' sums (n, d).

    tokens: None where the question has none, or a candidate lacks its codes.
    """

    sentences: Scores
    tokens: Scores | None
    sums: Vectors

    def __add__(self, other: Nearness) -> Nearness:
        """Those of both, one after the other."""
        tokens = None
        if self.tokens is not None and other.tokens is not None:
            tokens = np.concatenate((self.tokens, other.tokens))
        sentences = np.concatenate((self.sentences, other.sentences))
        return Nearness(sentences, tokens, np.concatenate((self.sums, other.sums)))


def nearness(question: Question, ranked: Sequence[Ranked], statistics: Statistics) -> Nearness:
    """Of at least one candidate."""
    asked, codes = question.embedded, [one.found.token_codes for one in ranked]
    vectors, counts = unpack([one.found.span_vectors for one in ranked], len(asked.vector))
    cosine = np.array([one.cosine for one in ranked])
    tokens = None
    if len(asked.tokens) and all(codes):
        tokens = late_interaction(asked.tokens, token_weights(asked.words, statistics), codes)
    return Nearness(nearest_sentence(asked.vector, vectors, counts, cosine), tokens, _sums(vectors, counts))


def token_weights(words: Sequence[str], statistics: Statistics) -> Scores:
    """The rarity of each token's word (m,), shared among the tokens of one word; all alike where none is known."""
    weights = np.array([statistics.idf(stem(word)) / words.count(word) if word else 0.0 for word in words])
    return weights if weights.any() else np.ones(len(words))


def _sums(vectors: Vectors, counts: Sequence[int]) -> Vectors:
    """The sum of each candidate's sentence vectors (n, d), zeros where it has none."""
    sums = np.zeros((len(counts), vectors.shape[1]), np.float32)
    filled = np.flatnonzero(counts)
    if len(filled):
        sums[filled] = np.add.reduceat(vectors, starts(np.array(counts)[filled]), axis=0)
    return sums
