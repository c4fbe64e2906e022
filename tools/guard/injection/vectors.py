"""Sentence vectors for the classifier: always those of MiniLM, whatever embedder the search is configured with."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from state.settings import settings
from tools.embed.embedder import Embedder, embedder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL = "all-MiniLM-L6-v2"

_loading = threading.Lock()


async def vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Unit vectors (n, 384). Raises KairosError when the model cannot be loaded."""
    return await (await _minilm()).embed(texts)


async def question_vector(text: str) -> NDArray[np.float32]:
    """The vector (384,) of a question: the one that the search of the same turn uses, if MiniLM made it."""
    from tools.embed.question import embedded_question

    if (await embedder()).name == MODEL:
        return (await embedded_question(text)).vector
    return await (await _minilm()).embed_query(text)


async def _minilm() -> Embedder:
    configured = await embedder()
    return configured if configured.name == MODEL else await asyncio.to_thread(_load_once)


def _load_once() -> Embedder:
    with _loading:  # lru_cache alone would let two first callers load the model twice
        return _load()


@lru_cache(maxsize=1)
def _load() -> Embedder:
    from tools.embed import minilm

    return minilm.load(settings().home / "models")
