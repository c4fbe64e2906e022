"""A question as the embedder sees it, kept for a while: one turn asks for it in several steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from tools.embed.embedder import embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEMBERED = 64

_recent: dict[tuple[str, str], EmbeddedQuestion] = {}


@dataclass(frozen=True, slots=True)
class EmbeddedQuestion:
    """The model's name, the unit vector (d,), and the question's content tokens as it sees them.

    words: the lower-case word of each token; tokens: unit vectors (n, 128), comparable with stored codes; both are
    empty for an embedder that gives no token outputs.
    """

    model: str
    vector: NDArray[np.float32]
    words: Sequence[str]
    tokens: NDArray[np.float32]


@runtime_checkable
class TokenEmbedder(Protocol):
    """An embedder that gives a question's token outputs from the pass that makes its vector."""

    async def embed_question(
        self, text: str
    ) -> tuple[NDArray[np.float32], list[str], NDArray[np.float32]]: ...


async def embedded_question(text: str) -> EmbeddedQuestion:
    """The question by the configured embedder."""
    model = await embedder()
    if (model.name, text) not in _recent:
        while len(_recent) >= REMEMBERED:
            del _recent[next(iter(_recent))]
        _recent[model.name, text] = await _embed(text)
    return _recent[model.name, text]


async def _embed(text: str) -> EmbeddedQuestion:
    import numpy as np

    from tools.embed.token_codes import BITS

    model = await embedder()
    if isinstance(model, TokenEmbedder):
        return EmbeddedQuestion(model.name, *await model.embed_question(text))
    return EmbeddedQuestion(model.name, await model.embed_query(text), (), np.zeros((0, BITS), np.float32))
