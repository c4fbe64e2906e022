"""Days, times and durations in a text, as ISO 8601, relative to a day."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?:of\s+)?(?P<year>\d{4}))"
_AMOUNT = r"(?P<count>\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_COUNTS = {word: at + 1 for at, word in enumerate("one two three four five six seven eight nine ten".split())}
_CLOCK = re.compile(
    r"\b(?P<hour>[01]?\d|2[0-3])(?:(?::(?P<minute>[0-5]\d)(?::[0-5]\d)?)\s?(?P<half>[ap]\.?m\b\.?)?|\s?(?P<only>[ap]\.?m\b\.?))"
    r"|\b(?P<named>noon|midnight)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """iso: a day, or a time of day (HH:MM)."""

    start: int
    end: int
    iso: str
    kind: Literal["date", "time"]


def moments(text: str, today: date) -> list[Moment]:
    """The days and times of the text that can be worked out, in order; the earlier rule wins where they overlap."""
    found: list[Moment] = []
    years = {match[0] for match in re.finditer(r"\b(?:19|20)\d\d\b", text)}
    # "from 1 May to 5 June 2026": the one year that is named is that of all days.
    year_day = date(int(*years), 1, 1) if len(years) == 1 else today
    for pattern, read in _RULES:
        for match in pattern.finditer(text):
            if any(one.start < match.end() and match.start() < one.end for one in found):
                continue
            day = _safe(read, match, year_day if read is _named else today)
            if day is not None:
                found.append(Moment(match.start(), match.end(), day.isoformat(), "date"))
    found += _times(text, found)
    return sorted(found, key=lambda moment: moment.start)


def _times(text: str, days: list[Moment]) -> Iterator[Moment]:
    for match in _CLOCK.finditer(text):
        if not any(one.start < match.end() and match.start() < one.end for one in days):
            yield Moment(match.start(), match.end(), _clock(match), "time")


def _clock(match: re.Match[str]) -> str:
    if match["named"]:
        return "12:00" if match["named"].lower() == "noon" else "00:00"
    hour, half = int(match["hour"]), (match["half"] or match["only"] or "").lower()[:1]
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02d}:{match['minute'] or '00'}"


def _safe(read: Callable[[re.Match[str], date], date], match: re.Match[str], today: date) -> date | None:
    try:
        return read(match, today)
    except (ValueError, OverflowError):
        return None


def _named(match: re.Match[str], today: date) -> date:
    """Without a year it is the next such day."""
    month = [name[:3] for name in _MONTHS].index(match["month"].lower()[:3]) + 1
    if match["year"]:
        return date(int(match["year"]), month, int(match["day"]))
    found = date(today.year, month, int(match["day"]))
    return found if found >= today else date(today.year + 1, month, int(match["day"]))


def _numeric(match: re.Match[str], _: date) -> date:
    """3.4.2026 has the day first; 4/3/2026 the month, unless that is no month."""
    first, second, year = int(match["a"]), int(match["b"]), int(match["year"])
    year += 2000 if year < 100 else 0
    day_first = match["mark"] == "." or first > 12
    return date(year, second, first) if day_first else date(year, first, second)


def _relative(match: re.Match[str], today: date) -> date:
    steps = {"today": 0, "tonight": 0, "tomorrow": 1, "yesterday": -1}
    said = " ".join(match[0].lower().split())
    if said.startswith("the day after"):
        return today + timedelta(days=2)
    return today + timedelta(days=steps[said])


def _weekday(match: re.Match[str], today: date) -> date:
    """The next one after today; "last" is the one before it."""
    ahead = (_DAYS.index(match["weekday"].lower()) - today.weekday() - 1) % 7 + 1
    which = (match["which"] or "").lower()
    return today + timedelta(days=ahead - 7 if which == "last" and ahead < 8 else ahead)


def _later(match: re.Match[str], today: date) -> date:
    count = match["count"].lower()
    amount = int(count) if count.isdigit() else _COUNTS.get(count, 1)
    if match["ago"]:
        amount = -amount
    unit = match["unit"].lower()
    if unit in ("day", "week"):
        return today + timedelta(days=amount * (7 if unit == "week" else 1))
    months = today.month - 1 + amount * (12 if unit == "year" else 1)
    year, month = today.year + months // 12, months % 12 + 1
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(today.day, last))


def _feast(match: re.Match[str], today: date) -> date:
    """The next one; with a year after it, that year's."""
    name, eve = match["feast"].lower(), (match["eve"] or "").lower() == "eve"
    year = int(match["year"]) if match["year"] else today.year
    day = (
        date(year, 12, 24 if eve else 25)
        if name.startswith("christmas")
        else date(year, 12, 31)
        if eve
        else date(year, 1, 1)
    )
    return day if match["year"] or day >= today else day.replace(year=day.year + 1)


def _rule(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"\b{pattern}(?!\w)", re.IGNORECASE)


_RULES: tuple[tuple[re.Pattern[str], Callable[[re.Match[str], date], date]], ...] = (
    (re.compile(r"\b(?P<iso>\d{4}-\d\d-\d\d)(?=T\d|\b)"), lambda match, _: date.fromisoformat(match["iso"])),
    (_rule(r"(?P<year>\d{4})[/.](?P<b>\d{1,2})[/.](?P<a>\d{1,2})"), lambda match, _: date(int(match["year"]), int(match["b"]), int(match["a"]))),
    (_rule(rf"(?P<year>\d{{4}}),?\s+{_MONTH}\s+{_DAY}"), _named),
    (_rule(rf"(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}?"), _named),
    (_rule(rf"{_MONTH}\s+(?:the\s+)?{_DAY}{_YEAR}?"), _named),
    (_rule(r"(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)"), _numeric),
    (_rule(r"(?:the\s+day\s+after\s+tomorrow|today|tonight|tomorrow|yesterday)"), _relative),
    (_rule(r"(?P<feast>christmas|new\s+year(?:['’]s)?)(?:\s+(?P<eve>eve|day))?(?:,?\s+(?P<year>\d{4}))?"), _feast),
    (_rule(rf"(?:in\s+{_AMOUNT}\s+(?P<unit>day|week|month|year)s?(?P<ago>(?!))?)"), _later),
    (_rule(rf"{_AMOUNT}\s+(?P<unit>day|week|month|year)s?\s+(?P<ago>ago)"), _later),
    (_rule(rf"(?:(?P<which>next|this|last|on|coming)\s+)?(?P<weekday>{'|'.join(_DAYS)})"), _weekday),
)  # fmt: skip
