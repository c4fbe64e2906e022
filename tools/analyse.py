"""The analyser of BM25: lower-case word tokens, English stop words removed, Snowball English stems."""

import re
from collections import Counter
from functools import lru_cache
from typing import Protocol

WORD = re.compile(r"\w+")
STOP_WORDS = frozenset(
    """a about above after again all am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he
    her here hers him his how i if in into is it its itself just me more most my myself no nor not now
    of off on once only or other our ours out over own same she should so some such than that the their
    theirs them then there these they this those through to too under until up us very was we were what
    when where which while who whom why will with would you your yours""".split()
)


class _Stemmer(Protocol):
    def stemWord(self, word: str) -> str: ...  # noqa: N802 - the library's name


@lru_cache(maxsize=1)
def _stemmer() -> _Stemmer:
    import Stemmer

    stemmer: _Stemmer = Stemmer.Stemmer("english")
    return stemmer


@lru_cache(maxsize=100_000)
def stem(word: str) -> str:
    """The Snowball English (Porter2) stem of one lower-case word."""
    return _stemmer().stemWord(word)


def terms(text: str) -> list[str]:
    """The index terms of a text, in order, repeated as they occur."""
    return [stem(word) for word in WORD.findall(text.lower()) if word not in STOP_WORDS]


def term_counts(text: str) -> Counter[str]:
    """How often each index term occurs in a text."""
    return Counter(terms(text))
