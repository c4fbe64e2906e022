"""Other forms of the names in a question, as the documents explain them."""

import re
from collections.abc import Sequence

from state.plan import Expansion
from tools.analyse import STOP_WORDS, terms
from tools.query.acronyms import singular

MOST_WORDS = 32
LONGEST_NAME = 7
"""Words of a long form."""
MOST_FORMS = 3
"""Other forms of one name: a short form that means more things than that says nothing."""
WEIGHT = 0.5
"""Of a further term beside those that were typed."""

_WORD = re.compile(r"[^\W_]+(?:[-'’&./][^\W_]+)*")


def names(question: str) -> list[str]:
    """All that could be a short or long form in a question, lower case: words, and up to seven in a row.

    A stop word counts if it is typed in capitals: "IT", not "it".
    """
    words = _WORD.findall(question)[:MOST_WORDS]
    short = [singular(word).lower() for word in words if word.lower() not in STOP_WORDS or _capital(word)]
    runs = [
        " ".join(words[first : first + length]).lower()
        for length in range(2, LONGEST_NAME + 1)
        for first in range(len(words) - length + 1)
    ]
    return list(dict.fromkeys(short + runs))


def expansions(asked: Sequence[str], forms: Sequence[tuple[str, str]]) -> list[Expansion]:
    """The other form of each name that was asked for; longer names first."""
    others: dict[str, dict[tuple[str, ...], str]] = {}
    for short, long in forms:
        for name, other in ((short, long), (long, short)):
            if name in asked:
                # Singular and plural are one form.
                others.setdefault(name, {}).setdefault(tuple(terms(other)), other)
    found = {name: its for name, its in others.items() if len(its) <= MOST_FORMS}
    return [
        Expansion(of=name, to=other)
        for name in sorted(found, key=lambda name: (-len(name), name))
        for other in found[name].values()
    ]


def added_terms(question: str, expanded: Sequence[Expansion]) -> dict[str, float]:
    """Index terms that the expansions add to a question's own, with their weights."""
    own = set(terms(question))
    return {term: WEIGHT for one in expanded for term in terms(one["to"]) if term not in own}


def _capital(word: str) -> bool:
    return len(word) > 1 and word.isupper()
