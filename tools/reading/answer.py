"""Answers a question out of passages, by the reader's marks, in verbatim quotes."""

from collections.abc import Sequence

from tools.passages import Passage
from tools.reading.compose import compose
from tools.reading.question import clauses, understand
from tools.reading.weigh import weigh


async def answer(question: str, passages: Sequence[Passage]) -> str:
    """The answer with its citations, or NOT_FOUND; each of several questions in one is read for by itself, too."""
    reads = await weigh(question, passages)
    return compose(understand(question), reads, [await weigh(part, passages) for part in clauses(question)])
