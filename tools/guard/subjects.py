"""What a policy does not want spoken of, or said: by phrases, and by sentences that mean much the same."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.guard.check import About, Hit
from tools.guard.injection.pieces import WINDOW, windows
from tools.guard.phrases import Phrase, denied, found
from tools.guard.readings import everywhere, readings
from tools.guard.view import View
from tools.sentences import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Vectors = NDArray[np.float32]

EMBEDDED = 16
"""Sentences at most that get a vector; one takes about 2 ms."""
SETS = 64
"""Sets of examples whose vectors are kept."""
SHORTEST = 12
"""Characters: a shorter sentence means too little by itself."""

_known: dict[tuple[str, ...], Vectors] = {}
Span = tuple[int, int]


class Subject(BaseModel):
    """A name, phrases (see tools.guard.phrases), and examples of sentences that are about it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^\w[\w -]{0,59}$")
    phrases: tuple[Phrase, ...] = ()
    examples: tuple[str, ...] = Field(default=(), max_length=100)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.phrases and not self.examples:
            raise ValueError(f"{self.name!r} needs phrases or examples")
        return self


async def spoken_of(
    text: str, about: About, subjects: Sequence[Subject], threshold: float, unless_denied: bool = False
) -> list[Hit]:
    """Where phrases stand, in any reading; else, of each subject, the sentence nearest to an example.

    threshold: the cosine of MiniLM's vectors from which a sentence counts. Raises KairosError when the vectors
    cannot be made.
    """
    hits = await everywhere(text, about, _finder(subjects, unless_denied))
    named = {hit.rule for hit in hits}
    left = [subject for subject in subjects if subject.examples and subject.name not in named]
    return [*hits, *await _near(text, about, left, threshold)] if left else hits


def _finder(subjects: Sequence[Subject], unless_denied: bool) -> Callable[[str], Iterator[Hit]]:
    def find(text: str) -> Iterator[Hit]:
        for subject in subjects:
            for start, end in found(subject.phrases, text):
                if not (unless_denied and denied(text, start)):
                    yield Hit(subject.name, start, end)

    return find


async def _near(text: str, about: About, subjects: Sequence[Subject], threshold: float) -> list[Hit]:
    view = (await readings(text, about))[0]
    spans = _spans(view)
    if not spans:
        return []
    made = await about.memo.get("sentences", text, lambda: _vectors(view, spans, about))
    hits = []
    for subject in subjects:
        likeness = (made @ (await _examples(subject.examples)).T).max(axis=1)
        row = int(likeness.argmax())
        if likeness[row] >= threshold:
            hits.append(Hit(subject.name, *view.span(*spans[row]), min(1.0, float(likeness[row]))))
    return hits


def _spans(view: View) -> list[Span]:
    """The whole text if it is short, and its first sentences; MiniLM reads about a window's length."""
    text = view.text[: EMBEDDED * WINDOW]
    spans = [(0, len(view.text))] if len(view.text) <= WINDOW and text.strip() else []
    for start, end in sentence_spans(text):
        if end - start >= SHORTEST:
            spans += [(start + first, start + last) for first, last in windows(text[start:end])]
    return list(dict.fromkeys(spans))[:EMBEDDED]


async def _vectors(view: View, spans: Sequence[Span], about: About) -> Vectors:
    """(spans, 384); that of the whole text as written is the one that is known."""
    import numpy as np

    from tools.guard.injection.vectors import vectors

    if about.vector is not None and not view.how and spans[0] == (0, len(view.text)):
        rest = [view.text[start:end] for start, end in spans[1:]]
        return np.vstack([about.vector, *([await vectors(rest)] if rest else [])])
    return await vectors([view.text[start:end] for start, end in spans])


async def _examples(examples: tuple[str, ...]) -> Vectors:
    """(examples, 384), made once."""
    from tools.guard.injection.vectors import vectors

    if examples not in _known:
        made = await vectors(examples)
        while len(_known) >= SETS:
            del _known[next(iter(_known))]
        _known[examples] = made
    return _known[examples]
