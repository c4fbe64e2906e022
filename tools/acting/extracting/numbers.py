"""Numbers in a text: digits in the English or German way, words, percents, money, each with the unit after it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

NumberKind = Literal["number", "percent", "money", "word", "ordinal", "frequency", "span"]

_ONES = {
    word: value
    for value, word in enumerate(
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen".split()
    )
}
_TENS = {
    word: 10 * (at + 2)
    for at, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split())
}
_ORDINALS = {
    word: value + 1
    for value, word in enumerate("first second third fourth fifth sixth seventh eighth ninth tenth".split())
}
_ALONE = {"dozen": 12, "half": 0.5, "couple": 2, "twice": 2, "thrice": 3, "once": 1, "decade": 10, "rest": 0}
_SCALES = {
    "hundred": 100,
    "thousand": 1e3,
    "k": 1e3,
    "million": 1e6,
    "mn": 1e6,
    "m": 1e6,
    "b": 1e9,
    "billion": 1e9,
    "bn": 1e9,
}
_TIMES_A_YEAR = {
    "annually": 1, "yearly": 1, "annual": 1, "semiannually": 2, "semi-annually": 2, "quarterly": 4, "bimonthly": 6,
    "monthly": 12, "weekly": 52, "daily": 365,
}  # fmt: skip
_FREQUENCY = re.compile(rf"\b(?:{'|'.join(_TIMES_A_YEAR)})\b", re.IGNORECASE)
_ONE = re.compile(
    r"\b(?:next|past|last|coming|upcoming|this|(?:(?<=for )|(?<=in )|(?<=within )|(?<=of ))an?)\s+"
    r"(?=(?:second|minute|hour|day|week|month|year)\b)",
    re.IGNORECASE,
)
_DIGITS = re.compile(
    r"(?<![\w.^])(?P<sign>(?<![\w)%])[-−–](?=[\d.$]))?(?P<money>[$€£¥]\s?)?"
    r"(?P<digits>\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}(?=\s?(?:€|%|EUR\b|Euro))|\d{1,3}(?:,\d{3})+(?:\.\d+)?(?!\d)|\d*\.?\d+(?:[eE][-+]?\d+)?)"
    r"(?:\s?(?P<scale>hundred|thousand|million|billion|mn|bn)\b|(?P<k>(?-i:[kKMB]))\b)?"
    r"(?P<ordinal>(?:st|nd|rd|th)\b)?(?P<percent>\s?%|\s?per ?cent\b)?"
    r"(?P<after>\s?(?:[€£]|EUR\b|USD\b|GBP\b|dollars?\b|euros?\b|pounds?\b))?",
    re.IGNORECASE,
)
_WORDS = re.compile(
    rf"\b(?:(?P<tens>{'|'.join(_TENS)})(?:[- ](?P<unit>{'|'.join(list(_ONES)[1:10])}))?|(?P<one>{'|'.join(_ONES)}))"
    r"(?:[- ](?P<scale>hundred|thousand|million|billion|dozen))?\b(?P<percent>\s?%|\s?per ?cent\b)?"
    rf"|\b(?:an?\s)?(?P<hundred>hundred|thousand|million)\b|\b(?P<alone>{'|'.join(_ALONE)})\b"
    rf"|\b(?P<ordinal>{'|'.join(_ORDINALS)})\b",
    re.IGNORECASE,
)
_UNIT = re.compile(r"[\s-]?((?:square |cubic )?[A-Za-z°µ]+(?:/[A-Za-z]+)?)")


@dataclass(frozen=True, slots=True)
class Number:
    """A number and the span it stands in; a percent is what is written (17), `unit` the next word."""

    start: int
    end: int
    value: float
    kind: NumberKind
    unit: str = ""


def numbers(text: str) -> list[Number]:
    """Every number of the text, in order."""
    found = [*_digits(text), *_words(text), *_implied(text)]
    return sorted(found, key=lambda number: number.start)


def _digits(text: str) -> Iterator[Number]:
    for match in _DIGITS.finditer(text):
        scale, letter = match["scale"] or "", match["k"] or ""
        if letter == "k" or (letter and match["money"]):  # 300K is a temperature, $300K is not
            scale = letter
        value = _read(match["digits"]) * _SCALES.get(scale.lower(), 1)
        kind: NumberKind = "number"
        if match["ordinal"]:
            kind = "ordinal"
        elif match["percent"]:
            kind = "percent"
        elif match["money"] or match["after"]:
            kind = "money"
        end = match.end()
        yield Number(match.start(), end, -value if match["sign"] else value, kind, _unit(text, end))


def _read(digits: str) -> float:
    """A decimal comma stands where digits in threes are parted by points, or before a unit of money or percent."""
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}", digits):
        return float(digits.replace(".", "").replace(",", "."))
    return float(digits.replace(",", ""))


def _words(text: str) -> Iterator[Number]:
    for match in _WORDS.finditer(text):
        scale = match["scale"]
        kind: NumberKind = "word"
        if match["alone"]:
            value = float(_ALONE[match["alone"].lower()])
        elif match["ordinal"]:
            value, kind = float(_ORDINALS[match["ordinal"].lower()]), "ordinal"
        elif match["hundred"]:
            value = _SCALES[match["hundred"].lower()]
        else:
            value = float(
                _TENS.get((match["tens"] or "").lower(), 0)
                + _ONES.get((match["unit"] or match["one"] or "").lower(), 0)
            )
        if scale:
            value *= 12 if scale.lower() == "dozen" else _SCALES[scale.lower()]
        if match["percent"]:
            kind = "percent"
        yield Number(match.start(), match.end(), value, kind, _unit(text, match.end()))


def _implied(text: str) -> Iterator[Number]:
    """Times a year of "monthly", and the one of "next week"."""
    for match in _FREQUENCY.finditer(text):
        yield Number(*match.span(), _TIMES_A_YEAR[match[0].lower()], "frequency", "year")
    for match in _ONE.finditer(text):
        yield Number(*match.span(), 1.0, "span", _unit(text, match.end()))


def _unit(text: str, at: int) -> str:
    match = _UNIT.match(text, at)
    return match[1].lower() if match else ""
