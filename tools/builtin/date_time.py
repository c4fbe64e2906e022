"""Dates and times in any zone: what a model must not guess."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from state.errors import KairosError
from tools.builtin.business_days import between, later
from tools.tool import Arguments, Result, Tool

MOST_DAYS = 100_000
"""Business days are counted one by one."""

_UNITS = ("years", "months", "weeks", "days", "hours", "minutes", "seconds")


async def date_time(arguments: Arguments, *_: object) -> Result:
    """One operation; days and times are ISO 8601, a time without an offset stands in `zone` (UTC)."""
    return await asyncio.to_thread(_OPERATIONS[arguments["operation"]], arguments)  # zones are files


def _now(arguments: Arguments) -> Result:
    return _moment(datetime.now(_zone(arguments.get("zone", "UTC"))))


def _convert(arguments: Arguments) -> Result:
    return _moment(_read(arguments, "start").astimezone(_zone(_needed(arguments, "to_zone"))))


def _add(arguments: Arguments) -> Result:
    """Years to days on the calendar (31 January and a month is 28 February), hours and less in elapsed time."""
    amounts = _needed(arguments, "amounts")
    moment = _read(arguments, "start")
    try:
        day = _months_later(moment.date(), 12 * amounts.get("years", 0) + amounts.get("months", 0))
        day += timedelta(weeks=amounts.get("weeks", 0), days=amounts.get("days", 0))
        elapsed = timedelta(**{unit: amounts.get(unit, 0) for unit in _UNITS[4:]})
        moved = datetime.combine(day, moment.timetz())
        moved = (moved.astimezone(UTC) + elapsed).astimezone(moment.tzinfo)
    except (OverflowError, ValueError):
        raise _invalid("that leads outside the years 1 to 9999") from None
    is_day = len(arguments["start"].strip()) == 10 and not elapsed
    return _day(moved.date()) if is_day else _moment(moved)


def _difference(arguments: Arguments) -> Result:
    start, end = _read(arguments, "start"), _read(arguments, "end")
    elapsed = end.astimezone(UTC) - start.astimezone(UTC)
    days = (end.date() - start.date()).days
    try:
        business = between(start.date(), end.date(), _holidays(arguments))
    except OverflowError:
        raise _invalid("the year 1 has no day before it") from None
    structured = {
        "calendar_days": days,
        "business_days": business,
        "seconds": elapsed.total_seconds(),
    }
    hours, rest = divmod(abs(int(elapsed.total_seconds())), 3600)
    sign = "-" if elapsed < timedelta(0) else ""
    text = f"{days} calendar days ({business} business days), {sign}{hours} h {rest // 60} min {rest % 60} s"
    return Result(text, structured)


def _add_business_days(arguments: Arguments) -> Result:
    count, day, holidays = _needed(arguments, "days"), _read(arguments, "start").date(), _holidays(arguments)
    try:
        return _day(later(day, count, holidays))
    except OverflowError:
        raise _invalid("that leads outside the years 1 to 9999") from None


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    after = date(year, 12, 31) if month == 11 else date(year, month + 2, 1) - timedelta(days=1)
    return date(year, month + 1, min(day.day, after.day))


def _read(arguments: Arguments, name: str) -> datetime:
    """A day or a moment; one that the clocks skip is moved to the hour that is there."""
    given = str(_needed(arguments, name)).strip()
    try:
        found = (
            datetime.combine(date.fromisoformat(given), time())
            if len(given) == 10
            else datetime.fromisoformat(given)
        )
        zoned = found if found.tzinfo else found.replace(tzinfo=_zone(arguments.get("zone", "UTC")))
        return zoned.astimezone(UTC).astimezone(zoned.tzinfo)
    except (ValueError, OverflowError):
        raise _invalid(f"{name} is not a date (2026-01-31) or time (2026-01-31T14:00)") from None


def _holidays(arguments: Arguments) -> set[date]:
    try:
        return {date.fromisoformat(day) for day in arguments.get("holidays", ())}
    except ValueError:
        raise _invalid("holidays are dates such as 2026-12-25") from None


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        sentence = f"There is no time zone {name[:60]!r}: names are such as Europe/Berlin or UTC."
        raise KairosError("time_zone_unknown", sentence) from None


def _needed(arguments: Arguments, name: str) -> Any:
    if name not in arguments:
        raise _invalid(f"{arguments['operation']} needs {name}")
    return arguments[name]


def _moment(moment: datetime) -> Result:
    text = moment.isoformat(timespec="seconds")
    return Result(
        f"{moment:%A} {text}",
        {
            "value": text,
            "weekday": f"{moment:%A}",
            "zone": moment.tzname(),
            "iso_week": moment.isocalendar().week,
        },
    )


def _day(day: date) -> Result:
    structured = {"value": day.isoformat(), "weekday": f"{day:%A}", "iso_week": day.isocalendar().week}
    return Result(f"{day:%A} {day.isoformat()}", structured)


def _invalid(what: str) -> KairosError:
    return KairosError("date_time_invalid", f"This date cannot be worked out: {what}.")


_OPERATIONS: Mapping[str, Callable[[Arguments], Result]] = {
    "now": _now,
    "convert": _convert,
    "add": _add,
    "difference": _difference,
    "add_business_days": _add_business_days,
}
_MOMENT = {"type": "string", "minLength": 10, "maxLength": 40}
_ZONE = {
    "type": "string",
    "maxLength": 60,
    "description": "IANA name such as Europe/Berlin; UTC if left out.",
}

DATE_TIME = Tool(
    name="builtin.date_time",
    description=(
        "Dates and times: now (in zone), convert (start to to_zone), add (amounts to start), difference (start to "
        "end: calendar days, business days, seconds), add_business_days (days from start, Monday to Friday without "
        "holidays). Times are ISO 8601: 2026-01-31 or 2026-01-31T14:00, with an offset or in zone."
    ),
    parameters={
        "type": "object",
        "properties": {
            "operation": {"enum": list(_OPERATIONS)},
            "start": _MOMENT,
            "end": _MOMENT,
            "zone": _ZONE,
            "to_zone": _ZONE,
            "days": {"type": "integer", "minimum": -MOST_DAYS, "maximum": MOST_DAYS},
            "amounts": {
                "type": "object",
                "properties": {
                    unit: {"type": "integer", "minimum": -(10**9), "maximum": 10**9} for unit in _UNITS
                },
                "additionalProperties": False,
                "minProperties": 1,
            },
            "holidays": {
                "type": "array",
                "items": {"type": "string", "maxLength": 10},
                "maxItems": 1000,
            },
        },
        "required": ["operation"],
        "additionalProperties": False,
    },
    output={
        "type": "object",
        "properties": {
            "value": {"type": "string"},
            "weekday": {"type": "string"},
            "calendar_days": {"type": "integer"},
            "business_days": {"type": "integer"},
            "seconds": {"type": "number"},
        },
    },
    run=date_time,
    risk="read",
    idempotent=True,
)
