"""A small network in numpy: the bag of n-grams, the marks and the sentence vector, one hidden layer."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float32]

FILE = "guard.npz"
DIMENSIONS = 384


@dataclass(frozen=True, slots=True)
class Network:
    """Parameters: table (buckets, d), first (d + marks + 1 + further, hidden), second (hidden, heads), and biases.

    scales: slope and offset of each head's logistic curve (Platt 1999), without and with a vector.
    """

    table: NDArray[np.float16]
    first: Array
    first_bias: Array
    second: Array
    second_bias: Array
    scales: Array

    def scores(self, bags: Sequence[NDArray[np.int32]], marks: Array, further: Array | None = None) -> Array:
        """Probabilities (n, heads) of pieces; `further` (n, f) is what is known of each beyond its text."""
        import numpy as np

        sizes = np.array([len(bag) for bag in bags])
        rows = self.table[np.concatenate(bags)].astype(np.float32)
        starts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        means = np.add.reduceat(rows, starts) / np.sqrt(sizes)[:, None]
        known = (
            np.ones((len(bags), 1), np.float32)
            if further is not None
            else np.zeros((len(bags), 1), np.float32)
        )
        parts = [means, marks, known] + ([further] if further is not None else [])
        seen = np.concatenate(parts, axis=1, dtype=np.float32)
        hidden = np.maximum(seen @ self.first[: seen.shape[1]] + self.first_bias, 0)
        slope, offset = self.scales[int(further is not None)]
        logits = slope * (hidden @ self.second + self.second_bias) + offset
        return 1 / (1 + np.exp(-np.clip(logits, -30, 30)))  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Networks:
    """The two networks, and the score from which each of `attack`, `harmful` and `context` is refused.

    `attack_foreign` and `harmful_foreign` hold for texts that are not English; from `second_look` on, a piece of a
    document is read with its vector too.
    """

    user: Network
    context: Network
    thresholds: Mapping[str, float]


def load() -> Networks:
    """The networks, read once. Raises KairosError `weights_damaged`."""
    with _loading:  # lru_cache alone would let two first callers load them twice
        return _load()


def version() -> str:
    """Which networks these are: the beginning of their file's SHA-256. Raises KairosError `weights_damaged`."""
    with _loading:
        return _version()


_loading = threading.Lock()


@lru_cache(maxsize=1)
def _version() -> str:
    from tools.weights import verified

    return verified(FILE).with_suffix(".sha256").read_text(encoding="ascii")[:16]


@lru_cache(maxsize=1)
def _load() -> Networks:
    import numpy as np

    from tools.weights import verified

    with np.load(verified(FILE), allow_pickle=False) as stored:
        thresholds = json.loads(str(stored["thresholds"]))
        return Networks(_network(stored, "user"), _network(stored, "context"), thresholds)


def _network(stored: Any, name: str) -> Network:
    import numpy as np

    parts = {part: stored[f"{name}.{part}"] for part in Network.__slots__}
    table = parts.pop("table")
    return Network(table, **{part: values.astype(np.float32) for part, values in parts.items()})
