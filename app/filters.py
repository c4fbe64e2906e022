"""Filters as they are typed on the command line."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, time

from state.errors import KairosError
from state.filters import AnyOf, Condition, DateRange, Filters, NumberRange, day, number

_CONDITION = re.compile(r"\s*([^=<>\s][^=<>]*?)\s*(>=|<=|=)\s*([^=<>\s].*?)\s*", re.DOTALL)
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?")


def typed_filters(
    collections: Sequence[str],
    where: Sequence[str],
    after: str | None,
    before: str | None,
    languages: Sequence[str],
) -> Filters:
    """The filters of a command; `after` and `before` are days in UTC, the second exclusive.

    where: `key=value`, several of one key meaning any of the values, and `key>=value` and `key<=value` with numbers
    or dates. Raises KairosError `filter_invalid`.
    """
    return Filters(
        collections=tuple(collections),
        metadata=tuple(_conditions(where)),
        languages=tuple(languages),
        updated_after=_midnight(after),
        updated_before=_midnight(before),
    )


def _conditions(where: Sequence[str]) -> Iterable[Condition]:
    texts: dict[str, list[str]] = {}
    for typed in where:
        found = _CONDITION.fullmatch(typed)
        if found is None:
            sentence = f"{typed[:100]!r} is no condition: write key=value, key>=value or key<=value."
            raise KairosError("filter_invalid", sentence)
        key, sign, value = found.groups()
        if sign == "=":
            texts.setdefault(key, []).append(value)
        else:
            yield _range(key, sign, value)
    yield from (AnyOf(key, tuple(values)) for key, values in texts.items())


def _range(key: str, sign: str, value: str) -> Condition:
    if _DATE.fullmatch(value):
        limit = day(value)
        return DateRange(key, low=limit) if sign == ">=" else DateRange(key, high=limit)
    bound = number(value)
    return NumberRange(key, low=bound) if sign == ">=" else NumberRange(key, high=bound)


def _midnight(typed: str | None) -> datetime | None:
    return None if typed is None else datetime.combine(day(typed), time(), UTC)
