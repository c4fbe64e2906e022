"""A document or a tool's result: does a sentence in it command the assistant?

What makes many such sentences attacks is where they stand, so a piece is compared with its neighbours and with what
was asked (Greshake et al. 2023 named the attack; the comparison is ours).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tools.guard.injection.closed import closed, off_loop
from tools.guard.injection.finding import Finding
from tools.guard.injection.pieces import Span, pieces
from tools.guard.normalise import views
from tools.guard.view import View

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

NEAR = 1
"""Pieces on either side that a piece is compared with."""
EMBEDDED = 2
"""Pieces at most that are read with vectors: those that look worst without."""
MANY = 256

Piece = tuple[View, list[Span], int]


async def check_context(text: str, question: str = "") -> Finding:
    """The worst `context` finding of a document, whether or not it reaches its threshold.

    question: what was asked, if known. Raises KairosError `guard_failed`, or `weights_damaged`.
    """
    (finding,) = await check_contexts([text], question)
    return finding


async def check_contexts(texts: Sequence[str], question: str = "") -> list[Finding]:
    """`check_context` of each text; together they take about half the time."""
    with closed():
        found, bounds, scores = await off_loop(sum(map(len, texts)), _first_look, texts)
        chosen = [row for low, high in bounds for row in _worst(scores, low, high)]
        if chosen:
            await _second_look(found, scores, chosen, question)
        return [_finding(found[low:high], scores[low:high]) for low, high in bounds]


def _first_look(texts: Sequence[str]) -> tuple[list[Piece], list[Span], Vector]:
    """Pieces of every reading of the texts, from where to where those of each text stand, and their scores (n,)."""
    import numpy as np

    from tools.guard.injection.features import grams, marks
    from tools.guard.injection.network import load

    found: list[Piece] = []
    bounds: list[Span] = []
    for text in texts:
        low = len(found)
        for view in views(text):
            spans = pieces(view.text)
            found += [(view, spans, index) for index in range(len(spans))]
        bounds.append((low, len(found)))
    network, parts = load().context, [np.zeros(0, np.float32)]
    for at in range(0, len(found), MANY):
        run = found[at : at + MANY]
        seen = np.stack([marks(_text(piece), place(piece[2], len(piece[1]))) for piece in run])
        parts.append(network.scores([grams(_text(piece)) for piece in run], seen)[:, 0])
    return found, bounds, np.concatenate(parts)


def place(index: int, number: int) -> float:
    """Where a piece stands among all of a document: 0 first, 1 last."""
    return index / max(1, number - 1)


def _text(piece: Piece, offset: int = 0) -> str:
    view, spans, index = piece
    start, end = spans[index + offset]
    return view.text[start:end]


def _worst(scores: Vector, low: int, high: int) -> list[int]:
    """Of the pieces from low to high, those that are read with vectors."""
    from tools.guard.injection.network import load

    least = load().thresholds["second_look"]
    order = scores[low:high].argsort()[::-1][:EMBEDDED]
    return [low + int(row) for row in order if scores[low + row] >= least]


async def _second_look(found: Sequence[Piece], scores: Vector, chosen: Sequence[int], question: str) -> None:
    """Score the chosen pieces again, with vectors."""
    from tools.guard.injection.vectors import question_vector, vectors

    around = {row: _neighbours(found[row]) for row in chosen}
    texts = list(dict.fromkeys(text for row in chosen for text in (_text(found[row]), *around[row])))
    made = dict(zip(texts, await vectors(texts), strict=True))
    asked = await question_vector(question) if question.strip() else None
    further = [beside(made[_text(found[row])], [made[text] for text in around[row]], asked) for row in chosen]
    _score_again(found, scores, chosen, further)


def _score_again(
    found: Sequence[Piece], scores: Vector, chosen: Sequence[int], further: Sequence[Vector]
) -> None:
    import numpy as np

    from tools.guard.injection.features import grams, marks
    from tools.guard.injection.network import load

    texts = [_text(found[row]) for row in chosen]
    seen = [
        marks(text, place(found[row][2], len(found[row][1]))) for row, text in zip(chosen, texts, strict=True)
    ]
    scores[chosen] = load().context.scores(
        [grams(text) for text in texts], np.stack(seen), np.stack(further)
    )[:, 0]


def _neighbours(piece: Piece) -> list[str]:
    _, spans, index = piece
    low, high = max(0, index - NEAR), min(len(spans), index + NEAR + 1)
    return [_text(piece, at - index) for at in range(low, high) if at != index]


def beside(vector: Vector, near: Sequence[Vector], question: Vector | None) -> Vector:
    """(386,): the vector, its cosine with the mean of its neighbours, and with the question (0: not known)."""
    import numpy as np

    mean = np.sum(near, axis=0) if near else np.zeros_like(vector)
    likeness = float(vector @ mean) / max(1e-6, float(np.linalg.norm(mean)))
    asked = float(vector @ question) if question is not None else 0.0
    return np.concatenate([vector, np.array([likeness, asked], np.float32)])


def _finding(found: Sequence[Piece], scores: Vector) -> Finding:
    from tools.guard.injection.network import load

    threshold = load().thresholds["context"]
    if not found:
        return Finding("context", 0.0001, threshold, 0, 0)
    worst = int(scores.argmax())
    view, spans, index = found[worst]
    return Finding("context", float(scores[worst]), threshold, *view.span(*spans[index]), view.how)
