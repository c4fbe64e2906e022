"""The local ranking's parts that need nothing but the candidates, and their sum."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tools.rerank.interface import Question, Ranked, by_score
from tools.rerank.lexical import bigrams, titles
from tools.rerank.nearness import Nearness
from tools.rerank.neighbours import likeness, smooth
from tools.rerank.statistics import Statistics
from tools.rerank.stems import unpack_stems

Part = Literal["sentences", "tokens", "bigrams", "titles", "neighbours", "mentions"]
PARTS: tuple[Part, ...] = ("sentences", "tokens", "bigrams", "titles", "neighbours", "mentions")

WORDS, TOKENS = 0.4, 0.15
"""Shares of what the words say and of late interaction; the rest is that of the nearest sentence."""
BIGRAMS, TITLES = 0.2, 0.2
"""Shares of a BM25 point."""

Scores = NDArray[np.float64]
Values = dict[str, Scores]


def score(
    question: Question,
    ranked: Sequence[Ranked],
    near: Nearness,
    statistics: Statistics,
    without: AbstractSet[Part] = frozenset(),
) -> list[Ranked]:
    """At least one candidate, best first, each with what every part gave it; `near` is that of `ranked`.

    A part whose features some candidate lacks is left out, as are those named by `without`.
    """
    values = _dense(ranked, near, without) | _lexical(question, ranked, statistics, without)
    total = _mixed(values)
    if "neighbours" not in without:
        smoothed = smooth(total, likeness(near.sums))
        values["neighbours"] = smoothed - total
        total = smoothed
    rows = zip(*(of.tolist() for of in values.values()), strict=True)
    scored = [
        Ranked(one.chunk, one.found, one.bm25, one.cosine, its, dict(zip(values, row, strict=True)))
        for one, its, row in zip(ranked, total.tolist(), rows, strict=True)
    ]
    return sorted(scored, key=by_score)


def _mixed(values: Values) -> Scores:
    words = values["bm25"].copy()
    for name, share in (("bigrams", BIGRAMS), ("titles", TITLES)):
        words += share * values.get(name, 0.0)
    tokens = values.get("tokens")
    if tokens is None:
        return WORDS * scale(words) + (1 - WORDS) * scale(values["sentences"])
    return WORDS * scale(words) + TOKENS * scale(tokens) + (1 - WORDS - TOKENS) * scale(values["sentences"])


def scale(values: Scores) -> Scores:
    """From 0 for the least to 1 for the most."""
    span = float(np.ptp(values))
    return (values - values.min()) / span if span else np.zeros(len(values))


def _dense(ranked: Sequence[Ranked], near: Nearness, without: AbstractSet[Part]) -> Values:
    cosine = np.array([one.cosine for one in ranked])
    values = {"cosine": cosine, "sentences": cosine if "sentences" in without else near.sentences}
    if "tokens" not in without and near.tokens is not None:
        values["tokens"] = near.tokens
    return values


def _lexical(
    question: Question, ranked: Sequence[Ranked], statistics: Statistics, without: AbstractSet[Part]
) -> Values:
    values = {"bm25": np.array([one.bm25 for one in ranked])}
    if "bigrams" not in without:
        stems = [unpack_stems(one.found.stems) for one in ranked]
        values["bigrams"] = bigrams(question.terms, stems, statistics)
    if "titles" not in without:
        values["titles"] = titles(question.terms, [one.found.title for one in ranked], statistics)
    return values
