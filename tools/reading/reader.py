"""The reader: a MiniLM trained to put a question near the sentences that answer it.

How it was trained, on what, and what it is good for: tools/reading/weights/README.md.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from tools.passages import Passage
from tools.reading.units import Unit, units
from tools.reading.windows import Window, question_ids, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

REMEMBERED = 48
"""Passages whose states are kept (0.4 MB each): a turn reads them to weigh the evidence, and again to answer."""


@dataclass(frozen=True, slots=True)
class Read:
    """A unit and its score: a logit, comparable across the passages of one question; 0 weighs as "it is not said"."""

    unit: Unit
    score: float


@dataclass(frozen=True, slots=True)
class _Model:
    tokenizer: Any
    session: Any
    scales: tuple[float, float, float]


Stated = list[tuple[Window, "NDArray[np.float32]"]]
Key = tuple[str, tuple[str, ...], str]

_recent: dict[Key, Stated] = {}
_loading = threading.Lock()


async def read(question: str, passages: Sequence[Passage]) -> list[Read]:
    """The units of the passages, in reading order. Raises KairosError `weights_damaged`.

    Units past the last window of a very long passage are left out.
    """
    if not passages or not question.strip():
        return []
    scores = await asyncio.to_thread(_read, question, passages)
    return [
        Read(unit, scores[unit.passage][place])
        for unit, place in _numbered(units(passages))
        if place < len(scores[unit.passage])
    ]


def _numbered(found: Sequence[Unit]) -> Iterator[tuple[Unit, int]]:
    """Each unit with its number in its passage."""
    for _, own in groupby(found, key=lambda unit: unit.passage):
        yield from ((unit, place) for place, unit in enumerate(own))


def _read(question: str, passages: Sequence[Passage]) -> list[list[float]]:
    """The scores of the units of each passage."""
    model = load()
    (asked,) = _states(model, [question_ids(model.tokenizer, question)])
    found = _stated(model, passages)
    return [[score for window in one for score in _scores(model, asked, *window)] for one in found]


def _stated(model: _Model, passages: Sequence[Passage]) -> list[Stated]:
    """Windows and states of each passage, which do not depend on the question."""
    keys = [(passage.title, passage.headings, passage.text) for passage in passages]
    known = dict(_recent)  # a copy: another thread may forget some meanwhile
    new = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in known}
    cut = {key: windows(model.tokenizer, passage, units([passage])) for key, passage in new.items()}
    states = iter(_states(model, [window.ids for those in cut.values() for window in those]))
    made = {key: [(window, next(states)) for window in those] for key, those in cut.items()}
    _recent.update(made)
    for key in list(_recent)[:-REMEMBERED]:
        _recent.pop(key, None)
    known |= made
    return [known[key] for key in keys]


def _scores(
    model: _Model, asked: NDArray[np.float32], window: Window, states: NDArray[np.float32]
) -> list[float]:
    """Cosine of the mean states, and late interaction (ColBERT, Khattab and Zaharia 2020); headings count as read."""
    import numpy as np

    near, late, unsaid = model.scales
    tokens, whole, unit_states = _unit(asked[1:-1]), _unit(asked[1:-1].mean(axis=0)), _unit(states)
    likeness = tokens @ unit_states.T
    above = likeness[:, : window.head].max(axis=1)
    scores = []
    for start, end in window.units:
        if end <= start:
            scores.append(-unsaid)
            continue
        cosine = float(_unit(states[start:end].mean(axis=0)) @ whole)
        best = np.maximum(likeness[:, start:end].max(axis=1), above)
        scores.append(near * cosine + late * float(best.mean()) - unsaid)
    return scores


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    import numpy as np

    scaled: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled


def _states(model: _Model, texts: Sequence[Sequence[int]]) -> list[NDArray[np.float32]]:
    """(length, 384) for each text; those of similar length are run together."""
    from tools.embed.minilm import batches, model_inputs

    found: dict[int, NDArray[np.float32]] = {}
    for rows in batches([len(text) for text in texts]):
        (states,) = model.session.run(["hidden"], model_inputs([texts[row] for row in rows]))
        found |= {row: states[place, : len(texts[row])] for place, row in enumerate(rows)}
    return [found[row] for row in range(len(texts))]


def load() -> _Model:
    """The model, read once. Raises KairosError `weights_damaged`."""
    with _loading:  # lru_cache alone would let two first callers load it twice
        return _load()


@lru_cache(maxsize=1)
def _load() -> _Model:
    from tokenizers import Tokenizer

    from tools.embed.minilm import open_session, package_folder
    from tools.weights import verified

    tokenizer = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    session = open_session(verified("reader.onnx"))
    near, late, unsaid = json.loads(session.get_modelmeta().custom_metadata_map["scales"])
    return _Model(tokenizer, session, (near, late, unsaid))
