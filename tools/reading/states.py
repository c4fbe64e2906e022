"""What the reader makes of a passage before it knows the question: kept, since passages come back turn after turn."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tools.passages import Passage
from tools.reading.units import Unit, units
from tools.reading.windows import Span, Window, windows

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Half = NDArray[np.float16]
    Floats = NDArray[np.float32]

MOST_BYTES = 64 * 1024 * 1024
"""Of what is kept: some 600 passages of 100 words."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A window: unit vectors of its tokens (length, d), and of each unit's mean (units, d), where it has tokens.

    Half floats: what they round off is a tenth of what eight-bit weights do.
    """

    head: int
    units: Sequence[Span]
    tokens: Half
    means: Half

    @property
    def bytes(self) -> int:
        """What it takes in memory, nearly."""
        return self.tokens.nbytes + self.means.nbytes


@dataclass(frozen=True, slots=True)
class Held:
    """A passage: its units, counted as those of passage 0, and its windows."""

    units: Sequence[Unit]
    windows: Sequence[Stated]

    @property
    def bytes(self) -> int:
        """What it takes in memory, nearly."""
        return sum(window.bytes for window in self.windows)


Key = tuple[str, tuple[str, ...], str]


class Memory:
    """Passages by what is read of them, those that were read last; of a bounded size, and safe between threads."""

    def __init__(self, most_bytes: int) -> None:
        self._most, self._bytes = most_bytes, 0
        self._kept: OrderedDict[Key, Held] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Key) -> Held | None:
        """What is kept, if it is."""
        with self._lock:
            if found := self._kept.get(key):
                self._kept.move_to_end(key)
            return found

    def put(self, key: Key, found: Held) -> None:
        """Keep it, and forget what was not read for longest where there is no room."""
        with self._lock:
            if before := self._kept.pop(key, None):
                self._bytes -= before.bytes
            self._kept[key] = found
            self._bytes += found.bytes
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1].bytes

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._bytes = 0


memory = Memory(MOST_BYTES)


def held(model: Any, passages: Sequence[Passage]) -> Iterator[Held]:
    """Each passage as the reader sees it; `model` has a tokenizer and a session."""
    for passage in passages:
        key = (passage.title, passage.headings, passage.text)
        found = memory.get(key)
        if found is None:
            found = _made(model, passage)
            memory.put(key, found)
        yield found


def _made(model: Any, passage: Passage) -> Held:
    own = units([passage])
    # One at a time: eight-bit activations are scaled over all that runs together, so company would change them.
    return Held(own, [_stated(model, window) for window in windows(model.tokenizer, passage, own)])


def _stated(model: Any, window: Window) -> Stated:
    import numpy as np

    states = hidden(model, window.ids)
    means = [states[start:end].mean(axis=0) if end > start else states[0] for start, end in window.units]
    rows = np.stack(means) if means else np.zeros((0, states.shape[1]), np.float32)
    return Stated(
        window.head, window.units, normed(states).astype(np.float16), normed(rows).astype(np.float16)
    )


def hidden(model: Any, ids: Sequence[int]) -> Floats:
    """The states (length, d) of one text."""
    from tools.embed.minilm import model_inputs

    (states,) = model.session.run(["hidden"], model_inputs([ids]))
    found: Floats = states[0]
    return found


def normed(vectors: Floats) -> Floats:
    """The vectors at unit length; zeros stay zeros."""
    import numpy as np

    scaled: Floats = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-9)
    return scaled
