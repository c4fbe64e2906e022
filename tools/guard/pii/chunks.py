"""From the words that the network marked to spans."""

import re
from collections.abc import Iterable
from dataclasses import replace

from tools.guard.pii.found import Found, Type
from tools.guard.pii.tagger import LABELS, Floats
from tools.guard.pii.words import LISTS

ANNOUNCE = frozenset(
    """iban ssn pin cvv cvc zip bic swift dob id tel fax iq ip url cc po visa mastercard amex ein itin vat usd eur gbp
    atm faq pdf api sms hr it ceo i pesel bsn nhs aadhaar cpf dni nie nir nino mrn ok""".split()
)
"""Words that say what follows and are nobody's."""
_DIGITS = {"PHONE": range(6, 16), "AGE": range(1, 4)}
"""How many digits the network's finds of a type must have."""

LONGEST_SHORT = 4
"""Letters of an abbreviation: in capitals it is nobody's name, unless the lists know it."""
_YEAR = re.compile(r"(?:19|20)\d\d")
_NAMES = frozenset(LABELS.index(label) for label in ("PERSON", "ORGANIZATION", "LOCATION"))
_ADDRESS = LABELS.index("ADDRESS")
_EDGES = " \n\t\r,;:!?\"'()[]{}<>/\\|-–—“”‘’"
_BRIDGES = frozenset(("", " ", "'", "’", "-", ".", ". ", " & ", "&", "\t"))
_SURE = 0.85
"""The score of a word of which the network is certain: rules are surer."""

Spans = list[tuple[int, int]]


def chunks(text: str, words: Spans, chances: Floats, threshold: float) -> list[Found]:
    """Marked words that belong together as one; of names that the network is of two minds about, the likelier type."""
    if not words:
        return []
    best = (chances[:, 1:].argmax(axis=1) + 1).tolist()
    groups: list[list[int]] = []
    for at in (1 - chances[:, 0] > threshold).nonzero()[0].tolist():
        if groups and _together(text, words, best, groups[-1][-1], at):
            groups[-1].append(at)
        else:
            groups.append([at])
    return tidied(text, [_found(words, chances, group) for group in groups])


def _found(words: Spans, chances: Floats, group: list[int]) -> Found:
    summed = chances[group]
    kind: Type = LABELS[int(summed.sum(axis=0)[1:].argmax()) + 1]  # type: ignore[assignment]
    return Found(
        words[group[0]][0], words[group[-1]][1], kind, _SURE * float(1 - summed[:, 0].min()), "tagger"
    )


def _together(text: str, words: Spans, best: list[int], last: int, at: int) -> bool:
    end, start = words[last][1], words[at][0]
    if start - end > 4:
        return False
    between = text[end:start]
    if best[last] == best[at]:
        return not between.strip(" \t\r\n,.") if best[at] == _ADDRESS else between in _BRIDGES
    both_names = best[last] in _NAMES and best[at] in _NAMES
    return both_names and between == " " and text[words[last][0]].isupper() and text[start].isupper()


def tidied(text: str, found: Iterable[Found]) -> list[Found]:
    """The network's without blanks and signs at their ends, and without what cannot be such; others as they are."""
    kept = []
    for one in found:
        if one.rule != "tagger":
            kept.append(one)
            continue
        start, end = _inner(text, one)
        if start < end and _plausible(one.type, text[start:end]):
            kept.append(one if (start, end) == (one.start, one.end) else replace(one, start=start, end=end))
    return kept


def _plausible(kind: Type, value: str) -> bool:
    if kind in _DIGITS:
        return sum(sign.isdigit() for sign in value) in _DIGITS[kind]
    if kind == "ADDRESS" and value.isdigit():
        return len(value) > 3 and not _YEAR.fullmatch(value)
    if kind == "PERSON" and value.isupper() and len(value) <= LONGEST_SHORT:
        return value.lower() in LISTS["first_name"]
    return value.lower() not in ANNOUNCE and any(sign.isalnum() for sign in value)


def _inner(text: str, one: Found) -> tuple[int, int]:
    start, end = one.start, one.end
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES:
        end -= 1
    if one.type == "PERSON":
        start += _ahead(text[start:end])
    return start, end


def _ahead(name: str) -> int:
    """How much stands before the first capital: a name does not begin with an ordinary word, unless all is small."""
    first = next((at for at, sign in enumerate(name) if sign.isupper()), 0)
    return first if not LISTS["particle"] & set(name[:first].lower().split()) else 0
