"""What a search is limited to, as the asker states it: documents, collections, languages, places, times, metadata."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from state.errors import KairosError


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Documents whose metadata has one of the values under a key; of a list, one entry is enough."""

    key: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Documents with a number under a metadata key from `low` to `high`, both included; None: no limit."""

    key: str
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class DateRange:
    """Documents with an ISO 8601 date under a metadata key from `low` to `high`, both included."""

    key: str
    low: date | None = None
    high: date | None = None


Condition = AnyOf | NumberRange | DateRange


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that a chunk must hold as they stand; `terms` are their index terms, to find it by."""

    text: str
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Filters:
    """All of these hold for a document that is searched; what is empty or None limits nothing.

    `documents` are ids, and an empty list leaves nothing; `updated_before` is exclusive.
    """

    documents: Sequence[int] | None = None
    collections: Sequence[str] = ()
    metadata: Sequence[Condition] = ()
    languages: Sequence[str] = ()
    path_prefix: str = ""
    updated_after: datetime | None = None
    updated_before: datetime | None = None

    def __bool__(self) -> bool:
        return self != Filters()


def number(text: str) -> float:
    """A number that somebody typed. Raises KairosError `filter_invalid`."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if value != value or abs(value) == float("inf"):
        raise KairosError("filter_invalid", f"{text[:100]!r} is not a number: write one like 12 or 3.5.")
    return value


def day(text: str) -> date:
    """A date that somebody typed. Raises KairosError `filter_invalid`."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise KairosError(
            "filter_invalid", f"{text[:100]!r} is not a date: write year, month and day, as in 2026-01-31."
        ) from None
