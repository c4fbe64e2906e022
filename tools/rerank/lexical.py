"""What the words say beyond BM25: neighbouring words of the question, and words of the title."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tools.analyse import terms
from tools.rerank.statistics import Statistics, idf
from tools.rerank.stems import Stems, hashes

MOST_PAIRS = 64
"""The rarest pairs of a long question."""
K1 = 0.9
B = 0.4

Scores = NDArray[np.float64]


def bigrams(question: Sequence[str], chunks: Sequence[Stems], statistics: Statistics) -> Scores:
    """BM25 of the question's pairs of neighbouring terms (n,) (sequential dependence, Metzler and Croft 2005).

    How many chunks hold a pair is counted among these: what holds a pair and is no candidate is rare.
    """
    scores = np.zeros(len(chunks))
    lengths = [len(chunk) for chunk in chunks]
    if sum(lengths) < 2:
        return scores
    words, rows = np.concatenate(chunks), np.repeat(np.arange(len(chunks)), lengths)
    together = rows[:-1] == rows[1:]
    for first, second in _pairs(question, statistics):
        here, after = hashes((first, second))
        at = np.flatnonzero((words[:-1] == here) & (words[1:] == after) & together)
        times = np.bincount(rows[at], minlength=len(chunks))
        scores += idf(statistics.chunks, int(np.count_nonzero(times))) * times / (times + K1)
    return scores


def _pairs(question: Sequence[str], statistics: Statistics) -> list[tuple[str, str]]:
    known = sorted(pair for pair in set(pairwise(question)) if all(map(statistics.idf, pair)))
    return sorted(known, key=lambda pair: -sum(map(statistics.idf, pair)))[:MOST_PAIRS]


def titles(question: Sequence[str], of_chunks: Sequence[str], statistics: Statistics) -> Scores:
    """BM25 of the question's terms (n,) in each chunk's title."""
    wanted = Counter(question)
    split = {title: _words(title) for title in set(of_chunks)}
    average = max(sum(map(len, split.values())) / max(len(split), 1), 1.0)
    scores = {title: _title(wanted, its, average, statistics) for title, its in split.items()}
    return np.array([scores[title] for title in of_chunks])


@lru_cache(maxsize=4_096)
def _words(title: str) -> tuple[str, ...]:
    return tuple(terms(title))


def _title(wanted: Counter[str], title: Sequence[str], average: float, statistics: Statistics) -> float:
    if wanted.keys().isdisjoint(title):
        return 0.0
    norm = K1 * (1 - B + B * len(title) / average)
    found = Counter(term for term in title if term in wanted)
    return sum(wanted[term] * statistics.idf(term) * n / (n + norm) for term, n in found.items())
