"""Local models of the optional package fastembed."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.errors import KairosError
from tools.embed.minilm import usable_cpus
from tools.embed.vectors import unit_rows

MODEL = "BAAI/bge-small-en-v1.5"


@dataclass(frozen=True)
class Fastembed:
    """A loaded fastembed.TextEmbedding."""

    name: str
    dimensions: int
    engine: Any

    async def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors (n, dimensions) in the order of `texts`."""
        if not texts:
            return np.empty((0, self.dimensions), np.float32)
        return await asyncio.to_thread(self._rows, self.engine.passage_embed, texts)

    async def embed_query(self, text: str) -> NDArray[np.float32]:
        """The unit vector (dimensions,) of one question."""
        vector: NDArray[np.float32] = (await asyncio.to_thread(self._rows, self.engine.query_embed, [text]))[
            0
        ]
        return vector

    def _rows(self, engine: Any, texts: Sequence[str]) -> NDArray[np.float32]:
        return unit_rows(engine(list(texts)), len(texts), self.name)


def load(model: str | None, cache: Path) -> Fastembed:
    """The model by its fastembed name (default BAAI/bge-small-en-v1.5), downloaded to `cache` on first use.

    Raises KairosError when the package is missing, or does not know or cannot get the model.
    """
    try:
        from fastembed import TextEmbedding
    except ImportError as error:
        sentence = "KAIROS_EMBEDDER=fastembed needs the extra of that name: pip install '.[fastembed]'."
        raise KairosError("embedder_missing", sentence) from error
    chosen = model or MODEL
    try:
        engine = TextEmbedding(chosen, cache_dir=str(cache), threads=usable_cpus())
    except Exception as error:
        sentence = f"fastembed cannot load the model {chosen!r} ({type(error).__name__})."
        raise KairosError("embedder_missing", sentence) from error
    return Fastembed(name=f"fastembed:{chosen}", dimensions=engine.embedding_size, engine=engine)
