"""Find personal data: rules for what has a form, a small network for names, places and addresses."""

import re
from dataclasses import replace
from functools import cache
from pathlib import Path

from tools.guard.normalise import normalise
from tools.guard.pii.features import case
from tools.guard.pii.found import Found, Type, resolved
from tools.guard.pii.hints import again, hints
from tools.guard.pii.patterns import matches
from tools.guard.pii.tagger import LABELS, Floats, Tagger, load

THRESHOLD = 0.2
"""Probability that a word is personal from which on it counts as such; chosen for F2, which weighs recall."""

ANNOUNCE = frozenset(
    """iban ssn pin cvv cvc zip bic swift dob id tel fax iq ip url cc po visa mastercard amex ein itin vat usd eur gbp atm
    faq pdf api sms hr it ceo i
    pesel bsn nhs aadhaar cpf dni nie nir nino mrn ok""".split()
)
"""Words that say what follows and are nobody's."""
_DIGITS = {"PHONE": range(6, 16), "AGE": range(1, 4)}
"""How many digits the network's finds of a type must have."""

_EDGES = " \n\t\r,;:!?\"'()[]{}<>/\\|-–—“”‘’"
_BRIDGES = re.compile(r"[ \t]*['’.&-]?[ \t]*")


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
        return [Found(*view.span(one.start, one.end), one.type, one.score, one.rule) for one in found]

    def _found(self, text: str) -> list[Found]:
        spans, chances = self._tagger.tag(text)
        tagged = [one for one in _joined(text, spans, chances, self._threshold) if one.start < one.end]
        told = hints(text, self._tagger.usual, case(text) == 1)
        found = resolved([*matches(text), *told, *tagged])
        return _tidied(text, resolved([*found, *again(text, found)]))


@cache
def detector() -> Detector:
    """The detector with the weights that ship."""
    return Detector()


def _joined(text: str, spans: list[tuple[int, int]], chances: Floats, threshold: float) -> list[Found]:
    """Neighbouring words of one type as one."""
    found: list[Found] = []
    if not spans:
        return found
    best = chances[:, 1:].argmax(axis=1) + 1
    personal = (1 - chances[:, 0] > threshold).nonzero()[0]
    last: tuple[int, int, int, float] | None = None
    for at in personal.tolist():
        start, end = spans[at]
        label, score = int(best[at]), float(1 - chances[at, 0])
        if last and last[0] == label and _touch(text, last[2], start, LABELS[label]):
            last = label, last[1], end, max(last[3], score)
            continue
        if last:
            found.append(_trimmed(text, *last))
        last = label, start, end, score
    if last:
        found.append(_trimmed(text, *last))
    return found


def _touch(text: str, end: int, start: int, label: str) -> bool:
    between = text[end:start]
    if label == "ADDRESS":
        return start - end <= 4 and not between.strip(" \t\r\n,.")
    return _BRIDGES.fullmatch(between) is not None


def _tidied(text: str, found: list[Found]) -> list[Found]:
    """The network's without blanks and signs at their ends, and without what cannot be such."""
    kept = []
    for one in found:
        start, end = _inner(text, one.start, one.end) if one.rule == "tagger" else (one.start, one.end)
        if start < end and (one.rule != "tagger" or _plausible(one.type, text[start:end])):
            kept.append(replace(one, start=start, end=end))
    return kept


def _plausible(kind: Type, value: str) -> bool:
    if kind in _DIGITS:
        return sum(sign.isdigit() for sign in value) in _DIGITS[kind]
    return value.lower() not in ANNOUNCE and any(sign.isalnum() for sign in value)


def _trimmed(text: str, label: int, start: int, end: int, score: float) -> Found:
    start, end = _inner(text, start, end)
    kind: Type = LABELS[label]  # type: ignore[assignment]
    return Found(start, end, kind, 0.85 * min(score, 1), "tagger")


def _inner(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    return start, end
