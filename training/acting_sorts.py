"""The sorts of values and of names (tools/acting/extracting/meaning.py), by spherical k-means over a folder's cases.

Nothing is learnt here of which value is right: only the words of requests and the names of parameters are seen.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import date
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from evals.tool_rows import Case
from tools.acting.extracting import meaning
from tools.acting.extracting.candidates import candidates
from tools.acting.extracting.meaning import Sorts, name_vector, span_vectors
from tools.acting.extracting.parameters import parameters
from tools.acting.extracting.task import read

DAY = date(2024, 1, 1)
SPANS, NAMES = 64, 48
MOST = 10_000
"""Spans that are looked at."""


def found(cases: Sequence[Case]) -> Sorts:
    """Always the same for the same cases."""
    spans, names = [], {}
    for case in cases:
        task = read(case.question, DAY)
        for function in case.functions:
            for parameter in parameters(function.parameters):
                offered = candidates(task, parameter)
                names[parameter.path[-1]] = name_vector(parameter.path[-1])
                if offered:
                    spans.append(span_vectors(task.text.text, offered))
    every = np.concatenate(spans)
    every = every[every.any(axis=1)]
    draw = np.random.default_rng(0)
    some = every[draw.choice(len(every), min(MOST, len(every)), replace=False)]
    return Sorts(clusters(some, SPANS), clusters(np.stack(list(names.values())), NAMES))


def clusters(vectors: NDArray[np.float32], count: int, steps: int = 15) -> NDArray[np.float32]:
    """Unit vectors of the middles (count, d)."""
    middles = vectors[
        np.random.default_rng(0).choice(len(vectors), min(count, len(vectors)), replace=False)
    ].copy()
    for _ in range(steps):
        nearest = (vectors @ middles.T).argmax(axis=1)
        for one in range(len(middles)):
            if (nearest == one).any():
                total = vectors[nearest == one].sum(axis=0)
                middles[one] = total / np.linalg.norm(total)
    return middles


def with_sorts(sorts: Sorts) -> AbstractContextManager[object]:
    """Within, these are the sorts."""
    return patch.object(meaning, "load", lambda: sorts)
