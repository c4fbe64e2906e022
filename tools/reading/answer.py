"""Answers a question out of passages, by the reader's marks, in verbatim quotes."""

from collections.abc import Sequence

from tools.passages import Passage
from tools.reading.compose import compose
from tools.reading.question import understand
from tools.reading.reader import read


async def answer(question: str, passages: Sequence[Passage]) -> str:
    """The answer with its citations, or NOT_FOUND."""
    return compose(understand(question), await read(question, passages))
