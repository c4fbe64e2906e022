"""Which other documents a text names, by their titles: the second hop of a question that needs two."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from math import log

from tools.analyse import terms
from tools.rerank.statistics import Statistics

LONGEST = 6
"""Words of a title that is looked for."""
REMEMBERED = 512
"""Texts whose names are kept: the best hits come back turn after turn."""

_WORD = re.compile(r"\w+")


@lru_cache(maxsize=REMEMBERED)
def names_in(text: str) -> frozenset[str]:
    """All runs of one to LONGEST words that begin with a capital or a digit and are no stop words alone."""
    words = _WORD.findall(text)
    starts = [at for at, word in enumerate(words) if word[0].isupper() or word[0].isdigit()]
    runs = {" ".join(words[at : at + size]) for at in starts for size in range(1, LONGEST + 1)}
    return frozenset(run for run in runs if " " in run or terms(run))


def weights(names: Mapping[int, str], statistics: Statistics) -> dict[int, float]:
    """How much it says that a document is named, 0 to 1: little if even the rarest term of its name is frequent."""
    return {document: _rarity(name, statistics) for document, name in names.items() if terms(name)}


def _rarity(name: str, statistics: Statistics) -> float:
    rarest = min(statistics.holding.get(term, 0) for term in terms(name))
    rarity = max(log((statistics.chunks + 1) / (rarest + 0.5)) / log(statistics.chunks + 2), 0.0)
    return rarity**2  # else the pages that all others name, such as a service desk's, come up everywhere


def bonuses(
    scores: Sequence[float], named: Sequence[set[int]], weights: Mapping[int, float]
) -> dict[int, float]:
    """For each named document the best of score times weight over the chunks that name it."""
    found: dict[int, float] = {}
    for score, documents in zip(scores, named, strict=True):
        for document in documents & weights.keys():
            found[document] = max(found.get(document, 0.0), score * weights[document])
    return found
