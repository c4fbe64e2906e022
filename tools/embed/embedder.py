"""What an embedder is, and the one that this process is configured to use."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from state.errors import KairosError
from state.settings import settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Embedder(Protocol):
    """Texts in, float32 vectors of unit length out; failures raise KairosError."""

    @property
    def name(self) -> str:
        """Such as "all-MiniLM-L6-v2" or "openai:text-embedding-3-small"; stored with the index."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of every vector."""
        ...

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Passages, in the order given: (n, dimensions)."""
        ...

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """One question: (dimensions,)."""
        ...


_loading = threading.Lock()
_ready: Embedder | None = None


async def embedder() -> Embedder:
    """The configured embedder, made on first use, once per process.

    Raises KairosError when it is unknown, not installed, or does not answer.
    """
    global _ready
    if _ready is None:
        made = await asyncio.to_thread(_load_once)
        _ready = await _with_dimensions(made)
    return _ready


def _load_once() -> Embedder:
    # lru_cache alone would let two first callers load the model twice.
    with _loading:
        return _load()


@lru_cache(maxsize=1)
def _load() -> Embedder:
    chosen = settings()
    match chosen.embedder:
        case "minilm":
            from tools.embed import minilm

            return minilm.load(chosen.home / "models")
        case "openai":
            from tools.embed import openai

            return openai.load(chosen)
        case "cohere":
            from tools.embed import cohere

            return cohere.load(chosen)
        case "fastembed":
            from tools.embed import fastembed

            return fastembed.load(chosen.embedder_model, chosen.home / "models")
        case unknown:
            raise KairosError(
                "embedder_unknown",
                f"KAIROS_EMBEDDER is {unknown!r}; it can be minilm, openai, cohere or fastembed.",
            )


async def _with_dimensions(made: Embedder) -> Embedder:
    """A hosted model's size is known only from an answer: ask once."""
    if not made.dimensions:
        await made.embed_query("size")
    return made
