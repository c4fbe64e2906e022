"""What a detector of personal data finds."""

from dataclasses import dataclass
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
    """Those that do not overlap, in order: the surer wins, of two equally sure the longer."""
    kept: list[Found] = []
    taken: set[int] = set()
    for one in sorted(found, key=lambda one: (-one.score, one.start - one.end, one.start)):
        characters = range(one.start, one.end)
        if taken.isdisjoint(characters):
            taken.update(characters)
            kept.append(one)
    return sorted(kept, key=lambda one: one.start)
