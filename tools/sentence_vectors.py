"""Vectors of a chunk's sentences: packed for storage, and scored against a question."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


def pack(vectors: Vectors) -> bytes:
    """Unit vectors (n, d) as int8, scaled by 127."""
    return np.rint(vectors * 127).astype(np.int8).tobytes()


def unpack(packed: bytes, dimensions: int) -> Vectors:
    """What `pack` made, as float32 (n, dimensions)."""
    vectors = np.frombuffer(packed, dtype=np.int8).reshape(-1, dimensions).astype(np.float32)
    return vectors / np.float32(127)


def best_cosines(query: Vectors, packed: Sequence[bytes]) -> list[float]:
    """For each chunk the cosine of the question and the sentence nearest to it; 0 where there are no vectors."""
    matrices = [unpack(vectors, len(query)) for vectors in packed]
    return [float((matrix @ query).max()) if len(matrix) else 0.0 for matrix in matrices]
