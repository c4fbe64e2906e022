"""What the words say beyond BM25: neighbouring words of the question, and words of the title."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.rerank.statistics import Statistics
from tools.rerank.stems import Stems, hashes

MOST_PAIRS = 64
"""The rarest pairs of a long question."""
K1 = 0.9
B = 0.4

Scores = NDArray[np.float64]


def bigrams(question: Sequence[str], chunks: Sequence[Stems], statistics: Statistics) -> Scores:
    """BM25 of the question's pairs of neighbouring terms (n,) (sequential dependence, Metzler and Croft 2005).

    A pair is as rare as its rarer term: how often pairs occur is not stored.
    """
    scores = np.zeros(len(chunks))
    lengths = [len(chunk) for chunk in chunks]
    if sum(lengths) < 2:
        return scores
    words, rows = np.concatenate(chunks), np.repeat(np.arange(len(chunks)), lengths)
    together = rows[:-1] == rows[1:]
    for weight, (first, second) in _rarest(question, statistics):
        here, after = hashes((first, second))
        at = np.flatnonzero((words[:-1] == here) & (words[1:] == after) & together)
        times = np.bincount(rows[at], minlength=len(chunks))
        scores += weight * times / (times + K1)
    return scores


def _rarest(question: Sequence[str], statistics: Statistics) -> list[tuple[float, tuple[str, str]]]:
    pairs = set(pairwise(question))
    weighted = [
        (max(statistics.idf(first), statistics.idf(second)), (first, second)) for first, second in pairs
    ]
    return sorted(weighted, reverse=True)[:MOST_PAIRS]


def titles(question: Sequence[str], of_chunks: Sequence[Sequence[str]], statistics: Statistics) -> Scores:
    """BM25 of the question's terms (n,) in the terms of each chunk's title."""
    wanted = Counter(question)
    average = max(sum(map(len, of_chunks)) / max(len(of_chunks), 1), 1.0)
    return np.array([_title(wanted, title, average, statistics) for title in of_chunks])


def _title(wanted: Counter[str], title: Sequence[str], average: float, statistics: Statistics) -> float:
    norm = K1 * (1 - B + B * len(title) / average)
    found = Counter(term for term in title if term in wanted)
    return sum(wanted[term] * statistics.idf(term) * n / (n + norm) for term, n in found.items())
