"""Another query, without a model, for a question that the passages found so far do not answer."""

from collections import Counter
from collections.abc import Sequence

from tools.analyse import WORD, stem, terms

ADDED = 4
"""Words of the nearest headings that widen a query."""


def widen(question: str, headings: Sequence[str]) -> str:
    """The question with the commonest new words of the nearest passages' titles and headings.

    Pseudo-relevance feedback (Rocchio 1971) on headings only: they name topics, text names everything.
    """
    known = set(terms(question))
    words = [word for heading in headings for word in dict.fromkeys(WORD.findall(heading.lower()))]
    counts = Counter(word for word in words if terms(word) and stem(word) not in known)
    return " ".join([question, *(word for word, _ in counts.most_common(ADDED))])
