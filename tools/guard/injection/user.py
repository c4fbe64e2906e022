"""What a user wrote: is it an attack on the assistant, or a request for something harmful?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.guard.injection.closed import closed, off_loop
from tools.guard.injection.features import is_foreign
from tools.guard.injection.finding import Finding, Rule
from tools.guard.injection.pieces import Span, pieces, windows
from tools.guard.normalise import views
from tools.guard.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from tools.guard.injection.network import Network

    Vector = NDArray[np.float32]

RULES: tuple[Rule, Rule] = ("attack", "harmful")
EMBEDDED = 2
"""Windows at most that are read with a vector of their own: those that look worst without."""
SAME = 50
"""One character in so many may differ from the text as it was written for its vector to hold."""
MANY = 64
"""Pieces that are scored in one run; bounds the memory."""


@dataclass(frozen=True, slots=True)
class _Window:
    view: View
    start: int
    end: int
    whole: bool  # it is the text as it was written, or nearly, whose vector the search needs too

    @property
    def text(self) -> str:
        return self.view.text[self.start : self.end]


async def check_user(text: str, vector: Vector | None = None) -> tuple[Finding, Finding]:
    """The worst `attack` and the worst `harmful` of the text, whether or not they reach their thresholds.

    vector: MiniLM's of the whole text (384,), if it is known; else it is made, and kept for the search.
    Raises KairosError `guard_failed`, or `weights_damaged`.
    """
    with closed():
        if not text.strip():
            return _nothing("attack"), _nothing("harmful")
        found, plain = await off_loop(len(text), _first_look, text)
        chosen = _worst(found, plain)
        own = await _vectors(text, found, chosen, vector)
        return await off_loop(len(text), _second_look, found, plain, chosen, own)


def _nothing(rule: Rule) -> Finding:
    from tools.guard.injection.network import load

    return Finding(rule, 0.0001, load().thresholds[rule], 0, 0)


def _first_look(text: str) -> tuple[list[_Window], Vector]:
    """Windows of every reading of the text, and their scores (n, 2) without vectors; zeros if all get a vector."""
    import numpy as np

    from tools.guard.injection.network import load

    found = [
        _Window(view, start, end, whole=(start, end) == (0, len(text)) and _is_nearly(view.text, text))
        for view in views(text)
        for start, end in windows(view.text)
        if view.text[start:end].strip()
    ]
    if len(found) <= EMBEDDED:
        return found, np.zeros((len(found), len(RULES)), np.float32)
    return found, scored(load().user, [window.text for window in found])


def _is_nearly(text: str, other: str) -> bool:
    """Whether so few characters differ ("18F" read as "i8F") that the vectors hardly do."""
    if text == other:
        return True
    return len(text) == len(other) and SAME * sum(map(str.__ne__, text, other)) <= len(text)


def scored(network: Network, texts: Sequence[str], further: Vector | None = None) -> Vector:
    """Scores (n, heads) of texts, in runs of bounded memory."""
    import numpy as np

    from tools.guard.injection.features import grams, marks

    parts = [
        network.scores(
            [grams(text) for text in texts[at : at + MANY]],
            np.stack([marks(text) for text in texts[at : at + MANY]]),
            None if further is None else further[at : at + MANY],
        )
        for at in range(0, len(texts), MANY)
    ]
    return np.concatenate(parts) if parts else np.zeros((0, 2), np.float32)


def _worst(found: Sequence[_Window], plain: Vector) -> list[int]:
    """The windows that are read with vectors."""
    order = sorted(range(len(found)), key=lambda row: -float(plain[row].max()))
    return [row for row in range(len(found)) if row in order[:EMBEDDED]]


async def _vectors(
    text: str, found: Sequence[_Window], chosen: Sequence[int], vector: Vector | None
) -> Vector:
    """(chosen, 384)"""
    import numpy as np

    from tools.guard.injection.vectors import question_vector, vectors

    known: dict[int, Vector] = {}
    for row in chosen:
        if found[row].whole:
            known[row] = vector if vector is not None else await question_vector(text)
    others = [row for row in chosen if row not in known]
    if others:
        made = await vectors([found[row].text for row in others])
        known |= dict(zip(others, made, strict=True))
    return np.stack([known[row] for row in chosen])


def _second_look(
    found: Sequence[_Window], plain: Vector, chosen: Sequence[int], own: Vector
) -> tuple[Finding, Finding]:
    from tools.guard.injection.network import load

    networks = load()
    scores = plain.copy()
    scores[chosen] = scored(networks.user, [found[row].text for row in chosen], own)
    attack, harmful = (
        _finding(networks.user, found[int(column.argmax())], head, float(column.max()), networks.thresholds)
        for head, column in enumerate(scores.T)
    )
    return attack, harmful


def _finding(
    network: Network, window: _Window, head: int, score: float, thresholds: Mapping[str, float]
) -> Finding:
    foreign = "_foreign" if is_foreign(window.text) else ""
    threshold = thresholds[RULES[head] + foreign]
    start, end = window.start, window.end
    if score >= threshold:
        start, end = _narrowed(network, window, head)
    return Finding(RULES[head], score, threshold, *window.view.span(start, end), window.view.how)


def _narrowed(network: Network, window: _Window, head: int) -> Span:
    """The sentence of the window that it is most likely in."""
    spans = pieces(window.text)
    if len(spans) < 2:
        return window.start, window.end
    scores = scored(network, [window.text[start:end] for start, end in spans])[:, head]
    start, end = spans[int(scores.argmax())]
    return window.start + start, window.start + end
