"""How much each term of a question counts, and how much of it a text covers."""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from tools.analyse import stem

# Words that a question needs as grammar; their absence from a passage says little.
LIGHT = frozenset(
    stem(word)
    for word in """
    allow apply ask available become bring call come company consider current different exactly explain
    find follow general get give go going happen help keep know let like long look made make many may
    mean mention much must need new offer often old one part people person possible provide put rather
    really receive regard relate require right say see set something soon specific take tell thing time
    try type use usually want way website without work
    """.split()
)
_LIGHT_WEIGHT = 0.35
_ALIKE = 0.7  # what a word of the same beginning is worth: "contract" for "contractor"
_LEAST_PREFIX = 5


def term_weights(terms: Sequence[str], texts: Iterable[Collection[str]]) -> dict[str, float]:
    """Inverse document frequency of each term over `texts` (each a collection of terms), light words counted less."""
    frequency: Counter[str] = Counter()
    number = 0
    for text in texts:
        frequency.update(set(text))
        number += 1
    return {term: _idf(frequency[term], number) * (_LIGHT_WEIGHT if term in LIGHT else 1.0) for term in terms}


def _idf(frequency: int, number: int) -> float:
    return math.log(1 + (number + 1) / (frequency + 0.5))


def likeness(term: str, terms: Collection[str]) -> float:
    """1 if `term` is among `terms`, less if only a word with the same beginning is, else 0."""
    if term in terms:
        return 1.0
    if len(term) >= _LEAST_PREFIX and any(_same_beginning(term, other) for other in terms):
        return _ALIKE
    return 0.0


def _same_beginning(a: str, b: str) -> bool:
    return len(b) >= _LEAST_PREFIX and (a.startswith(b) or b.startswith(a))
