"""Numbers in the ways in which people write them: 1,250.00 or 1.250,00 or 1 250, 12k, twelve hundred."""

import re
from decimal import Decimal

_NUMBER = re.compile(
    r"(?<![\d.,])\d{1,15}+(?:[.,'’\u00a0\u202f ]\d{1,15}+){0,6}(?:[ ]?(k|thousand|m|mio|million|bn|billion)\b)?",
    re.IGNORECASE,
)
_TIMES = {"k": 3, "thousand": 3, "m": 6, "mio": 6, "million": 6, "bn": 9, "billion": 9}
_GROUPED = re.compile(r"\d{1,3}(?:[.,'’ ]\d{3})+")
_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split()
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_SMALL = (
    {word: value for value, word in enumerate(_ONES)}
    | {w: 20 + 10 * i for i, w in enumerate(_TENS)}
    | {"a": 1, "dozen": 12}
)
_LARGE = {"thousand": 1000, "million": 1_000_000, "grand": 1000}
_WORD = re.compile(r"[^\W\d_]{1,30}+|[^\s]")


def numbers(text: str) -> set[Decimal]:
    """Every number that may be meant."""
    found: set[Decimal] = set()
    for match in _NUMBER.finditer(text):
        times = Decimal(10) ** _TIMES[match[1].lower()] if match[1] else Decimal(1)
        digits = re.sub(
            r"[\u00a0\u202f]", " ", match[0][: match.start(1) - match.start()] if match[1] else match[0]
        ).strip()
        written = [digits] if _GROUPED.fullmatch(digits.split(" ,")[0]) else [*digits.split(" "), digits]
        found |= {value * times for one in written for value in _readings(one)}
    return found | _spelled(text)


def _readings(written: str) -> set[Decimal]:
    """The values of one number; "1.250" has two."""
    plain = re.sub(r"['’ ]", "", written)
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return {Decimal(plain)}
    last = signs[-1]
    whole, _, part = plain.rpartition(last)
    readings = set()
    if signs.count(last) == 1:
        readings.add(Decimal(f"{re.sub('[.,]', '', whole)}.{part}"))
    if len(set(signs)) == 1 and len(part) == 3:
        readings.add(Decimal(re.sub("[.,]", "", plain)))
    return readings


def _spelled(text: str) -> set[Decimal]:
    """Numbers in English words, up to millions."""
    found: set[Decimal] = set()
    total, current, inside = 0, 0, False
    for word in [*_WORD.findall(text.lower()), ""]:
        if word in _SMALL and word != "a":
            total, current, inside = total, current + _SMALL[word], True
        elif word == "hundred":
            current, inside = max(1, current) * 100, True
        elif word in _LARGE:
            total, current, inside = total + max(1, current) * _LARGE[word], 0, True
        elif inside and word not in ("and", "-"):
            found.add(Decimal(total + current))
            total, current, inside = 0, 0, False
    return found
