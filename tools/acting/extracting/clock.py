"""Times of day in a text, as ISO 8601."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

_HALF = r"[ap]\.?m\b\.?"
_TO = r"\s*(?:to|until|till|and|-|–)\s*"
_CLOCK = re.compile(
    rf"\b(?P<hour>[01]?\d|2[0-3])(?:(?::(?P<minute>[0-5]\d)(?::[0-5]\d)?)\s?(?P<half>{_HALF})?|\s?(?P<only>{_HALF})|\s+o['’]clock\b)"
    r"|\b(?P<named>noon|midnight)\b",
    re.IGNORECASE,
)
_FIRST = re.compile(rf"\b(?P<hour>[01]?\d|2[0-3]){_TO}$", re.IGNORECASE)
_SECOND = re.compile(rf"^{_TO}(?P<hour>[01]?\d|2[0-3])\b(?!\s?[%:.\d])", re.IGNORECASE)
_BARE = re.compile(
    r"\bfrom\s+(?P<first>[01]?\d|2[0-3])\s*(?:to|until|till|-|–)\s*(?P<second>[01]?\d|2[0-4])(?=\s*(?:$|[.,;?!](?!\d)|(?:for|on|in|with|at|about|tomorrow|today)\b))",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """iso: a day, or a time of day (HH:MM)."""

    start: int
    end: int
    iso: str
    kind: Literal["date", "time"]


def times(text: str, days: Sequence[Moment]) -> Iterator[Moment]:
    """The times that stand outside of days; a bare hour counts where it makes a range with one, or "from 9 to 10"."""
    said = [match for match in _CLOCK.finditer(text) if not _touches(match.span(), days)]
    found = [Moment(*match.span(), _clock(match), "time") for match in said]
    for match in said:
        found += (one for one in _beside(text, match) if not _touches((one.start, one.end), [*days, *found]))
    yield from found
    for match in _BARE.finditer(text) if not found else ():
        for name in ("first", "second"):
            yield Moment(*match.span(name), _at(int(match[name]) % 24, ""), "time")


def _beside(text: str, match: re.Match[str]) -> Iterator[Moment]:
    """The bare hour before or after: the 9 of "9 to 11 am", the 5 of "from 9 am to 5"."""
    half, end = _half(match), match.end()
    if match["named"]:
        return
    if before := _FIRST.search(text, 0, match.start()):
        yield Moment(*before.span("hour"), _at(int(before["hour"]), _earlier(before, match, half)), "time")
    if after := _SECOND.search(text[end:]):
        later = "p" if half and int(after["hour"]) <= int(match["hour"]) else half
        yield Moment(
            end + after.start("hour"), end + after.end("hour"), _at(int(after["hour"]), later), "time"
        )


def _touches(span: tuple[int, int], found: Sequence[Moment]) -> bool:
    return any(one.start < span[1] and span[0] < one.end for one in found)


def _half(match: re.Match[str]) -> str:
    return (match["half"] or match["only"] or "").lower()[:1]


def _earlier(before: re.Match[str], match: re.Match[str], half: str) -> str:
    """The half of the day of the 9 in "9 to 11 am", and of the 11 in "11 to 2 pm"."""
    is_over = half == "p" and int(before["hour"]) > int(match["hour"]) and int(before["hour"]) < 12
    return "a" if is_over else half


def _clock(match: re.Match[str]) -> str:
    if match["named"]:
        return "12:00" if match["named"].lower() == "noon" else "00:00"
    return _at(int(match["hour"]), _half(match), match["minute"] or "00")


def _at(hour: int, half: str, minute: str = "00") -> str:
    if half and hour <= 12:
        hour = hour % 12 + (12 if half == "p" else 0)
    return f"{hour:02d}:{minute}"
