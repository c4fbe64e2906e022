"""The reader: a MiniLM trained to put a question near the sentences that answer it.

How it was trained, on what, and what it is good for: tools/reading/weights/README.md.
"""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tools.passages import Passage
from tools.reading.states import Stated, held, hidden, normed
from tools.reading.units import Unit
from tools.reading.windows import question_ids

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

QUESTIONS = 64
"""That are kept: a turn reads its question several times."""


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


@dataclass(frozen=True, slots=True)
class _Asked:
    """Unit vectors of a question's tokens (n, d), and of their mean (d,)."""

    tokens: NDArray[np.float32]
    whole: NDArray[np.float32]


_loading = threading.Lock()


async def read(question: str, passages: Sequence[Passage]) -> list[Read]:
    """The units of the passages, in reading order. Raises KairosError `weights_damaged`.

    Units past the last window of a very long passage are left out.
    """
    if not passages or not question.strip():
        return []
    return await asyncio.to_thread(_read, question, passages)


def _read(question: str, passages: Sequence[Passage]) -> list[Read]:
    model, asked = load(), _asked(question)
    return [
        Read(replace(unit, passage=place), score)
        for place, one in enumerate(held(model, passages))
        for unit, score in zip(one.units, _scores(model, asked, one.windows), strict=False)
    ]


@lru_cache(maxsize=QUESTIONS)
def _asked(question: str) -> _Asked:
    model = load()
    states = hidden(model, question_ids(model.tokenizer, question))[1:-1]
    return _Asked(normed(states), normed(states.mean(axis=0)))


def forget() -> None:
    """Forget the questions that were read."""
    _asked.cache_clear()


def _scores(model: _Model, asked: _Asked, windows: Sequence[Stated]) -> list[float]:
    """Cosine of the mean states, and late interaction (ColBERT, Khattab and Zaharia 2020); headings count as read."""
    import numpy as np

    near, late, unsaid = model.scales
    scores: list[float] = []
    for window in windows:
        likeness = asked.tokens @ window.tokens.T.astype(np.float32)
        above = likeness[:, : window.head].max(axis=1)
        cosines = window.means.astype(np.float32) @ asked.whole
        for cosine, (start, end) in zip(cosines.tolist(), window.units, strict=True):
            if end <= start:
                scores.append(-unsaid)
                continue
            best = np.maximum(likeness[:, start:end].max(axis=1), above)
            scores.append(near * cosine + late * float(best.mean()) - unsaid)
    return scores


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
