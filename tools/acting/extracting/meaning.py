"""What speaks for a value by what it means: how near it is to the parameter's name, and which sort of thing it is.

The states are those of the reader (tools/reading), one pass for a text; the sorts are clusters, found when training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.task import Candidate, Task

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float32]

LONGEST = 256
"""Tokens of a text that are looked at; what stands after them has no meaning here."""
NEAREST = 2
"""Sorts that a value, and a name, belong to."""


@dataclass(frozen=True, slots=True)
class Sorts:
    """Unit vectors of the clusters: of spans of a text (n, d), and of names of parameters (m, d)."""

    spans: Floats
    names: Floats


def meanings(task: Task, parameter: Parameter, offered: Sequence[Candidate]) -> list[list[str]]:
    """Names of features, for each candidate; none where it stands nowhere in the text."""
    import numpy as np

    if not offered:
        return []
    vectors, name = span_vectors(task.text.text, offered), name_vector(parameter.path[-1])
    likeness, known = vectors @ name, np.asarray(vectors.any(axis=1))
    mean, spread = likeness.mean(), likeness.std() + 1e-6
    sorts, kinds = load(), np.array([one.kind for one in offered])
    of_spans = np.argsort(-(vectors @ sorts.spans.T), axis=1)[:, :NEAREST].tolist()
    of_name = np.argsort(-(sorts.names @ name))[:NEAREST].tolist()
    found: list[list[str]] = []
    for row, candidate in enumerate(offered):
        if not known[row]:
            found.append([])
            continue
        rank = min(4, int((likeness[kinds == kinds[row]] > likeness[row]).sum()))
        step = int(np.clip((likeness[row] - mean) / spread * 2, -4, 4))
        near = int(np.floor(likeness[row] * 10))
        found.append(
            [
                f"near={near}|{candidate.kind}",
                f"nearest={rank}|{parameter.kind}",
                f"nearest={rank}|{candidate.kind}",
                f"nearer={step}|{parameter.kind}",
                *(f"sort={one}|{parameter.kind}" for one in of_spans[row]),
                *(f"sort={one}|of name={other}" for one in of_spans[row] for other in of_name),
            ]
        )
    return found


def span_vectors(text: str, offered: Sequence[Candidate]) -> Floats:
    """A unit vector for the tokens of each (n, d); zeros where it stands on none."""
    import numpy as np

    starts, ends, sums = _read(text)
    first = np.searchsorted(ends, [one.start for one in offered], "right")
    last = np.searchsorted(starts, [one.end for one in offered], "left")
    empty = np.array([one.start < 0 for one in offered]) | (last <= first)
    vectors = sums[np.where(empty, 0, last)] - sums[np.where(empty, 0, first)]
    return _normed(vectors)


@lru_cache(maxsize=4096)
def name_vector(name: str) -> Floats:
    """The unit vector (d,) of a parameter's name."""
    from tools.acting.choosing import spaced

    _, _, sums = _states(spaced(name))
    return _normed(sums[-1])


def _states(text: str) -> tuple[NDArray[np.int64], NDArray[np.int64], Floats]:
    """Where the tokens begin and end, in characters, and the sums of their states up to each (n + 1, d)."""
    import numpy as np

    from tools.reading.reader import load as reader
    from tools.reading.states import hidden

    model = reader()
    read = model.tokenizer.encode(text.encode("utf-8", "replace").decode())
    states = hidden(model, read.ids[:LONGEST])[1:-1]
    places = np.array(read.offsets[1 : 1 + len(states)], np.int64).reshape(-1, 2)
    sums = np.concatenate(
        [np.zeros((1, states.shape[1]), np.float32), states.cumsum(axis=0, dtype=np.float32)]
    )
    return places[:, 0], places[:, 1], sums


_read = lru_cache(maxsize=8)(_states)


def _normed(vectors: Floats) -> Floats:
    from tools.reading.states import normed

    return normed(vectors)


@lru_cache(maxsize=1)
def load() -> Sorts:
    """The clusters, read once. Raises KairosError `weights_damaged`."""
    import numpy as np

    from tools.weights import verified

    with np.load(verified("acting.npz"), allow_pickle=False) as parts:
        return Sorts(np.asarray(parts["spans"], np.float32), np.asarray(parts["names"], np.float32))
