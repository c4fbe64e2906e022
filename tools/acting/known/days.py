"""Questions about dates and times, as arguments of the tool for them."""

import re
from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from tools.acting.extracting.clock import Moment
from tools.acting.extracting.dates import moments

_UNITS = r"(?P<unit>business day|working day|workday|day|week|month|year|hour|minute)s?"
_COUNT = re.compile(
    r"\b(?:how (?:many|long)|number of|count)\b.*?\b(?:days?|weeks?|months?|hours?|long|workdays?)\b",
    re.IGNORECASE,
)
_SPAN = re.compile(r"\b(?:between|from|until|till|since|to|before)\b", re.IGNORECASE)
_AFTER = re.compile(
    rf"\b(?P<count>\d{{1,5}})\s+{_UNITS}\s+(?P<side>after|from|before|later than|prior to)\b|\bin\s+(?P<ahead>\d{{1,5}})\s+(?P<unit2>business day|working day|workday|day|week|month|year)s?\b",
    re.IGNORECASE,
)
_ASKS_DAY = re.compile(r"\b(?:what|which)(?:'s)?\b.*\b(?:date|day|weekday)\b|\bwhen is\b", re.IGNORECASE)
_WEEKDAY = re.compile(
    r"\b(?:what|which) (?:day of the week|weekday|day) (?:is|was|will|does|did)\b", re.IGNORECASE
)
_NOW = re.compile(
    r"\b(?:what(?:'s| is)?|tell me|give me)\s+(?:the\s+)?(?:current\s+|exact\s+)?(?:time|date|day|weekday)(?:\s+is it)?(?:\s+and\s+(?:date|time))?(?:\s+(?:now|today|right now|is it))*"
    r"(?:\s+in\s+(?P<place>[\w /]+?))?(?:\s+(?:now|right now|today))?\s*\??$",
    re.IGNORECASE,
)
_CONVERTS = re.compile(r"\bconvert\b|\btime\b|\bo'clock\b|\bin [A-Z]", re.IGNORECASE)
_BUSINESS = ("business day", "working day", "workday")


def date_request(said: str, today: date) -> dict[str, Any] | None:
    """The arguments; None where the text is not surely such a question."""
    said = " ".join(said.split())
    days = [one for one in moments(said, today) if one.kind == "date"]
    return (
        _converted(said, today)
        or _difference(said, days, today)
        or _moved(said, days, today)
        or _weekday(said, days)
        or _now(said)
    )


def _converted(said: str, today: date) -> dict[str, Any] | None:
    """A time of day, and the one or two places it is told of; without a second it stands in UTC."""
    times = [one for one in moments(said, today) if one.kind == "time"] or _iso_times(said)
    places = _places(said)
    if len(times) != 1 or not 1 <= len(places) <= 2 or not _CONVERTS.search(said):
        return None
    days = [one for one in moments(said, today) if one.kind == "date"]
    day = days[0].iso if days else today.isoformat()
    made = {"operation": "convert", "start": f"{day}T{times[0].iso}", "to_zone": places[-1]}
    return {**made, "zone": places[0]} if len(places) == 2 else made


def _iso_times(said: str) -> list[Moment]:
    return [Moment(*match.span(), match[1], "time") for match in re.finditer(r"(?<=\dT)(\d\d:\d\d)", said)]


def _places(said: str) -> list[str]:
    """The zones of the places that are named, in order; what begins with a small letter is no place."""
    words, found, at = re.findall(r"[\w/]+", said), [], 0
    while at < len(words):
        for size in (3, 2, 1):
            name = "_".join(words[at : at + size])
            if words[at][:1].isupper() and name.lower() in _zones():
                found.append(_zones()[name.lower()])
                at += size - 1
                break
        at += 1
    return found


def _difference(said: str, days: Sequence[Moment], today: date) -> dict[str, Any] | None:
    if not (_COUNT.search(said) and _SPAN.search(said)) or not 1 <= len(days) <= 2:
        return None
    if len(days) == 2:
        start, end = days[0].iso, days[1].iso
    elif re.search(r"\bsince\b", said, re.IGNORECASE):
        start, end = days[0].iso, today.isoformat()
    else:
        start, end = today.isoformat(), days[0].iso
    return {"operation": "difference", "start": start, "end": end}


def _moved(said: str, days: Sequence[Moment], today: date) -> dict[str, Any] | None:
    match = _AFTER.search(said)
    if match is None or not _ASKS_DAY.search(said) or len(days) > 1 + (match["ahead"] is not None):
        return None
    count, unit = int(match["count"] or match["ahead"]), (match["unit"] or match["unit2"]).lower()
    if (match["side"] or "").lower() in ("before", "prior to"):
        count = -count
    start = days[0].iso if days and not match["ahead"] else today.isoformat()
    if unit in _BUSINESS:
        return {"operation": "add_business_days", "start": start, "days": count}
    return {"operation": "add", "start": start, "amounts": {f"{unit}s": count}}


def _weekday(said: str, days: Sequence[Moment]) -> dict[str, Any] | None:
    if not _WEEKDAY.search(said) or len(days) != 1:
        return None
    rest = said[: days[0].start] + said[days[0].end :]
    if len(re.findall(r"\w+", rest)) > 9:
        return None
    return {"operation": "add", "start": days[0].iso, "amounts": {"days": 0}}


def _now(said: str) -> dict[str, Any] | None:
    match = _NOW.search(said)
    if match is None:
        return None
    place = (match["place"] or "").strip().lower()
    if not place:
        return {"operation": "now"}
    zone = _zones().get(place.replace(" ", "_"))
    return {"operation": "now", "zone": zone} if zone else None


@lru_cache(maxsize=1)
def _zones() -> dict[str, str]:
    """IANA names by their city, and by themselves, in lower case."""
    from zoneinfo import available_timezones

    names = sorted(available_timezones())
    return {name.lower().rpartition("/")[2]: name for name in names} | {name.lower(): name for name in names}
