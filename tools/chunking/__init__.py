"""How documents are cut into chunks: one function for each strategy, chosen by name."""

import asyncio
from collections.abc import Awaitable, Callable

from state.errors import KairosError
from tools.chunking.chunk import Chunk, count_words
from tools.chunking.parent_child import cut_parents_and_children
from tools.chunking.recursive import cut_recursively
from tools.chunking.semantic import cut_semantically
from tools.chunking.sentence_window import cut_sentence_windows
from tools.chunking.structure import cut_by_structure
from tools.parse.document import Document

__all__ = ["DEFAULT", "STRATEGIES", "Chunk", "count_words", "cut", "known"]

Strategy = Callable[[Document], Awaitable[list[Chunk]]]


def _threaded(strategy: Callable[[Document], list[Chunk]]) -> Strategy:
    return lambda document: asyncio.to_thread(strategy, document)


STRATEGIES: dict[str, Strategy] = {
    "structure": _threaded(cut_by_structure),
    "recursive": _threaded(cut_recursively),
    "sentence-window": _threaded(cut_sentence_windows),
    "semantic": cut_semantically,
    "parent-child": _threaded(cut_parents_and_children),
}

DEFAULT = "structure"


async def cut(document: Document, strategy: str) -> list[Chunk]:
    """The chunks of `document` in order. Raises KairosError chunking_unknown."""
    return await STRATEGIES[known(strategy)](document)


def known(strategy: str) -> str:
    """The name as it is. Raises KairosError chunking_unknown for one that no strategy has."""
    if strategy not in STRATEGIES:
        names = ", ".join(STRATEGIES)
        raise KairosError("chunking_unknown", f"There is no chunking {strategy!r}; there are {names}.")
    return strategy
