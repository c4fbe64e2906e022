"""Checking what another embedder gave."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from state.errors import KairosError


def unit_rows(rows: Iterable[Any], count: int, source: str) -> NDArray[np.float32]:
    """The rows as float32 of unit length, (count, dimensions).

    Raises KairosError naming `source` when they are not `count` finite, non-zero vectors of one length.
    """
    try:
        matrix = np.array(list(rows), np.float32)
    except (TypeError, ValueError) as error:
        raise KairosError(
            "embedder_answer", f"{source} gave something that is not a table of vectors."
        ) from error
    if matrix.ndim != 2 or len(matrix) != count:
        raise KairosError("embedder_answer", f"{source} gave {len(matrix)} vectors for {count} texts.")
    norms = np.linalg.norm(matrix, axis=1, keepdims=True)
    if not (np.isfinite(norms) & (norms > 0)).all():
        raise KairosError("embedder_answer", f"{source} gave a vector that is zero or not finite.")
    unit: NDArray[np.float32] = matrix / norms
    return unit
