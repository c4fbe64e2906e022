"""Days in a text, as ISO 8601, relative to a day."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from tools.acting.extracting.clock import Moment, times

_MONTHS = "january february march april may june july august september october november december".split()
_DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
_MONTH = rf"(?P<month>{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in _MONTHS)}|sept)\.?"
_DAY = r"(?P<day>\d{1,2})(?:st|nd|rd|th)?"
_YEAR = r"(?:,?\s+(?:of\s+)?(?P<year>\d{4}))"
_AMOUNT = r"(?P<count>\d{1,4}|an?|one|two|three|four|five|six|seven|eight|nine|ten)"
_COUNTS = {word: at + 1 for at, word in enumerate("one two three four five six seven eight nine ten".split())}
_UNTIL = r"\s*(?:to|until|till|through|-|–)\s*(?:the\s+)?(?:next\s+|following\s+)?"
_RANGE = r"\s*(?:to|until|till|through|and|-|–)\s*"


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
                found += _of(match, day)
    days = _in_order(text, sorted(found, key=lambda moment: moment.start))
    return sorted([*days, *times(text, days)], key=lambda moment: moment.start)


def _of(match: re.Match[str], day: date) -> Iterator[Moment]:
    """The day, and before it the one that shares its month: "5 to 9 February"."""
    groups = match.groupdict()
    if not groups.get("other"):
        yield Moment(*match.span(), day.isoformat(), "date")
        return
    (start, end), (first, last) = match.span("other"), match.span("rest")
    if other := _safe(lambda found, _: day.replace(day=int(found["other"])), match, day):
        yield Moment(start, end, other.isoformat(), "date")
        yield Moment(first, last, day.isoformat(), "date")


def _in_order(text: str, days: Sequence[Moment]) -> list[Moment]:
    """A weekday or "tomorrow" before its day says nothing more; the second of "Monday to Wednesday" comes after the first."""
    named = {
        one
        for one, other in pairwise(days)
        if not any(map(str.isdigit, text[one.start : one.end]))
        and any(map(str.isdigit, text[other.start : other.end]))
        and re.fullmatch(r",?\s*(?:the\s+)?", text[one.end : other.start])
    }
    kept: list[Moment] = []
    for day in (one for one in days if one not in named):
        between = text[kept[-1].end : day.start] if kept else ""
        if _is_weekday(text, day) and re.fullmatch(_UNTIL, between, re.IGNORECASE):
            first = date.fromisoformat(kept[-1].iso)
            after = first + timedelta(days=(date.fromisoformat(day.iso) - first).days % 7)
            day = replace(day, iso=after.isoformat())
        kept.append(day)
    return kept


def _is_weekday(text: str, moment: Moment) -> bool:
    return text[moment.start : moment.end].lower().split()[-1] in _DAYS


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


def _of_month(match: re.Match[str], today: date) -> date:
    """The next such day: "on the 15th"."""
    day = int(match["day"])
    months = today.month - 1 + (day < today.day)
    return date(today.year + months // 12, months % 12 + 1, day)


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
    (_rule(rf"(?P<other>\d{{1,2}})(?:st|nd|rd|th)?{_RANGE}(?P<rest>(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}?)"), _named),
    (_rule(rf"{_MONTH}\s+(?P<other>\d{{1,2}})(?:st|nd|rd|th)?{_RANGE}(?P<rest>{_DAY}{_YEAR}?)(?![.:]\d)"), _named),
    (_rule(rf"(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}{_YEAR}?"), _named),
    (_rule(rf"{_MONTH}\s*(?:the\s+)?{_DAY}{_YEAR}?"), _named),
    (_rule(r"(?P<a>\d{1,2})(?P<mark>[./-])(?P<b>\d{1,2})(?P=mark)(?P<year>\d{4}|\d\d)"), _numeric),
    (_rule(rf"{_AMOUNT}\s+(?P<unit>day|week|month|year)s?\s+(?:(?P<ago>ago)|from\s+(?:now|today))"), _later),
    (_rule(r"(?:the\s+day\s+after\s+tomorrow|today|tonight|tomorrow|yesterday)"), _relative),
    (_rule(r"(?P<feast>christmas|new\s+year(?:['’]s)?)(?:\s+(?P<eve>eve|day))?(?:,?\s+(?P<year>\d{4}))?"), _feast),
    (_rule(rf"(?:in\s+{_AMOUNT}\s+(?P<unit>day|week|month|year)s?(?P<ago>(?!))?)"), _later),
    (_rule(r"(?<=on )(?:the\s+)(?P<day>\d{1,2})(?:st|nd|rd|th)(?=\s+(?:at|from|for|until|to|in|with|about)\b|[.,;!?]|$)"), _of_month),
    (_rule(rf"(?:(?P<which>next|this|last|on|coming)\s+)?(?P<weekday>{'|'.join(_DAYS)})"), _weekday),
)  # fmt: skip
