"""Vectors of a chunk's sentences, packed for storage."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

SCALE = 400
"""A component of one of MiniLM's unit vectors stays below 127 / 400."""

Vectors = NDArray[np.float32]


def pack(vectors: Vectors) -> bytes:
    """Unit vectors (n, d) as int8, scaled."""
    return np.clip(np.rint(vectors * SCALE), -127, 127).astype(np.int8).tobytes()


def unpack(packed: Sequence[bytes], dimensions: int) -> tuple[Vectors, list[int]]:
    """What `pack` made of several texts: all vectors as float32 (n, dimensions), and how many each text has."""
    vectors = np.frombuffer(b"".join(packed), dtype=np.int8).reshape(-1, dimensions).astype(np.float32)
    return vectors / np.float32(SCALE), [len(own) // dimensions for own in packed]
