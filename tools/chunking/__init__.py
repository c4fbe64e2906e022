"""How documents are cut into chunks: one function for each strategy, chosen by name."""

import asyncio
from collections.abc import Awaitable, Callable

from state.errors import KairosError
from tools.chunking.chunk import Chunk, count_words
from tools.chunking.parent_child import parent_child
from tools.chunking.recursive import recursive
from tools.chunking.semantic import semantic
from tools.chunking.sentence_window import sentence_window
from tools.chunking.structure import structure
from tools.parse.document import Document

__all__ = ["STRATEGIES", "Chunk", "count_words", "cut", "known"]

Strategy = Callable[[Document], Awaitable[list[Chunk]]]


def _threaded(strategy: Callable[[Document], list[Chunk]]) -> Strategy:
    return lambda document: asyncio.to_thread(strategy, document)


STRATEGIES: dict[str, Strategy] = {
    "structure": _threaded(structure),
    "recursive": _threaded(recursive),
    "sentence-window": _threaded(sentence_window),
    "semantic": semantic,
    "parent-child": _threaded(parent_child),
}


async def cut(document: Document, strategy: str) -> list[Chunk]:
    """The chunks of `document` in order. Raises KairosError chunking_unknown."""
    return await STRATEGIES[known(strategy)](document)


def known(strategy: str) -> str:
    """The name as it is. Raises KairosError chunking_unknown for one that no strategy has."""
    if strategy not in STRATEGIES:
        names = ", ".join(STRATEGIES)
        raise KairosError("chunking_unknown", f"There is no chunking {strategy!r}; there are {names}.")
    return strategy
