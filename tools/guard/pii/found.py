"""What a detector of personal data finds."""

from dataclasses import dataclass, replace
from typing import Literal, get_args

Type = Literal[
    "PERSON",
    "ORGANIZATION",
    "LOCATION",
    "ADDRESS",
    "TITLE",
    "NATIONALITY",
    "DATE",
    "AGE",
    "PHONE",
    "EMAIL",
    "URL",
    "IP",
    "MAC",
    "CARD",
    "IBAN",
    "SSN",
    "NATIONAL_ID",
    "PASSPORT",
]
TYPES: tuple[Type, ...] = get_args(Type)


@dataclass(frozen=True, slots=True)
class Found:
    """Characters `start` to `end` (exclusive) of a text are of this type; `score` is in 0..1."""

    start: int
    end: int
    type: Type
    score: float
    rule: str


def resolved(found: list[Found]) -> list[Found]:
    """Those that do not overlap, in order: the surer wins, of two equally sure the longer.

    Of a find of the network's, the longer free end is kept; any other that overlaps is dropped.
    """
    kept: list[Found] = []
    taken = bytearray(max((one.end for one in found), default=0))
    for one in sorted(found, key=lambda one: (-one.score, one.start - one.end, one.start)):
        start, end = _free(taken, one.start, one.end)
        if start < end and (end - start == one.end - one.start or one.rule == "tagger"):
            taken[start:end] = b"\1" * (end - start)
            kept.append(one if end - start == one.end - one.start else replace(one, start=start, end=end))
    return sorted(kept, key=lambda one: one.start)


def _free(taken: bytearray, start: int, end: int) -> tuple[int, int]:
    """The longest part that is not taken."""
    first = taken.find(1, start, end)
    if first < 0:
        return start, end
    last = taken.rfind(1, start, end) + 1
    return (start, first) if first - start >= end - last else (last, end)
