"""Find personal data: rules for what has a form, a small network for names, places and addresses."""

from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.guard.normalise import normalise
from tools.guard.pii.chunks import chunks, tidied
from tools.guard.pii.features import case
from tools.guard.pii.found import Found, resolved
from tools.guard.pii.hints import again, hints
from tools.guard.pii.patterns import matches
from tools.guard.pii.tagger import Tagger, load
from tools.guard.view import View

THRESHOLD = 0.25
"""Probability that a word is personal from which on it counts as such; chosen for F2, which weighs recall."""


class Detector:
    """Finds personal data in texts; one may be shared by threads."""

    def __init__(self, weights: Path | None = None, threshold: float = THRESHOLD) -> None:
        self._tagger = Tagger(load(weights))
        self._threshold = threshold

    def find(self, text: str) -> list[Found]:
        """What is personal in the text, in order, without overlaps; offsets are those of the text as given.

        Time is linear in the length. Disguised letters are read as meant (see tools.guard.normalise).
        """
        view = normalise(text)
        found = self._found(view.text)
        if view.starts is None:
            return found
        return _as_written(view, found)

    def _found(self, text: str) -> list[Found]:
        spans, chances = self._tagger.tag(text)
        told = hints(text, self._tagger.usual, case(text) == 1)
        found = resolved([*matches(text), *told, *chunks(text, spans, chances, self._threshold)])
        # What a rule took from a chunk may leave too little of it.
        return tidied(text, resolved([*found, *again(text, found)]))


def _as_written(view: View, found: list[Found]) -> list[Found]:
    """The finds where they stand in the original; two may meet in one character of it, which the first keeps."""
    at, kept = 0, []
    for one in found:
        start, end = view.span(one.start, one.end)
        if max(start, at) < end:
            kept.append(replace(one, start=max(start, at), end=end))
            at = end
    return kept


@cache
def detector() -> Detector:
    """The detector with the weights that ship."""
    return Detector()
