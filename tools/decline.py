"""What is said where the documents hold no answer."""

from collections.abc import Sequence

from state.passages import PassageData
from tools.passages import NOT_FOUND

NEAREST = 3


def declined(passages: Sequence[PassageData]) -> str:
    """That the documents do not say, and the titles of the passages that came nearest."""
    pages = dict.fromkeys(f"{passage['title']} ({passage['document']})" for passage in passages[:NEAREST])
    return f"{NOT_FOUND} The nearest pages: {'; '.join(pages)}." if pages else NOT_FOUND
