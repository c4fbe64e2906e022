"""The learnt weights of features, and how sure they are of each value: a conditional logit (McFadden 1974)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

from tools.acting.extracting.candidates import candidates
from tools.acting.extracting.features import absent, features
from tools.acting.extracting.meaning import meanings
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.task import Candidate, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BUCKETS = 2**16
"""Features are hashed (Weinberger et al. 2009)."""


def buckets(names: Sequence[str]) -> list[int]:
    """The places of features among the weights."""
    return [crc32(name.encode()) % BUCKETS for name in names]


def rows(
    task: Task, parameter: Parameter, own: Sequence[Parameter], offered: Sequence[Candidate]
) -> list[list[int]]:
    """The buckets of each candidate's features; last those of leaving the parameter out."""
    meant = meanings(task, parameter, offered)
    said = features(task, parameter, own, offered)
    found = [buckets([*one, *meaning]) for one, meaning in zip(said, meant, strict=True)]
    return [*found, buckets([*absent(task, parameter, offered)])]


def weighed(
    task: Task,
    parameter: Parameter,
    own: Sequence[Parameter],
    without: Sequence[Candidate] = (),
    within: tuple[int, int] | None = None,
) -> tuple[list[Candidate], NDArray[np.float64]]:
    """The candidates, and the logarithms of their probabilities, with that of none of them last.

    without: what is taken already, and so is no candidate any more. within: where candidates begin.
    """
    import numpy as np

    weights = load()
    offered = [one for one in candidates(task, parameter) if not any(map(one.overlaps, without))]
    if within:
        offered = [one for one in offered if one.start < 0 or within[0] <= one.start < within[1]]
    scores = np.array([weights[row].sum() for row in rows(task, parameter, own, offered)])
    scores -= scores.max()
    return offered, scores - np.log(np.exp(scores).sum())


@lru_cache(maxsize=1)
def load() -> NDArray[np.float64]:
    """The weights, read once. Raises KairosError `weights_damaged`."""
    import numpy as np

    from tools.weights import verified

    with np.load(verified("acting.npz"), allow_pickle=False) as parts:
        return np.asarray(parts["arguments"], np.float64)
