"""A spreadsheet's number as its cell shows it: dates, shares, amounts and plain numbers."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import NamedTuple

BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", 14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm", 19: "h:mm:ss",
    20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd h:mm", 37: "#,##0;(#,##0)", 38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)", 40: "#,##0.00;(#,##0.00)", 41: "#,##0", 42: "$#,##0", 43: "#,##0.00",
    44: "$#,##0.00", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss", 48: "0.0E+0", 49: "@",
}  # fmt: skip

_QUOTED = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[\$([^\]-]*)(?:-[^\]]*)?\]|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.I)
_DATE_LETTER = re.compile(r"[ymdhs]", re.I)
_PLACES = re.compile(r"[0#?][0#?,.]*")
_CLOCK = re.compile(r"am/pm|a/p|h+\W*m{1,2}|m{1,2}\W*s+|[hs]+")
_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
_MOST_DIGITS = 10  # significant digits of a number without a format, about what a cell has room for
_GREATEST = 1e15  # beyond, digits are no longer exact
_LAST_DAY = 2958466  # 31 December 9999


class _Form(NamedTuple):
    """How a format shows numbers of one sign: words around the digits, and the pattern of these."""

    before: str
    places: str  # empty: as without a format
    after: str
    percents: int = 0
    unsigned: bool = False


def shown(value: float, code: str = "General", from_1904: bool = False) -> str:
    """`value` as the format `code` shows it; dates as ISO 8601, or as month or year where no day is shown."""
    if not abs(value) < _GREATEST:
        return f"{value:.{_MOST_DIGITS}g}"
    if code == "General":
        return plain(value)
    if is_date(code):
        return _date(value, code, from_1904) or plain(value)
    form = _form(code, (value > 0) - (value < 0))
    if form is None:
        return plain(value)
    if isinstance(form, str):
        return form
    value = abs(value) if form.unsigned else value
    digits = _digits(value, form.places, form.percents) if form.places else plain(value)
    return (form.before + digits + form.after).strip()


def plain(value: float) -> str:
    """`value` without a format: whole numbers whole, others with ten digits."""
    if value == int(value):
        return str(int(value))
    return f"{value:.{_MOST_DIGITS}g}"


@lru_cache(maxsize=1024)
def is_date(code: str) -> bool:
    """Whether a format shows a date or a time."""
    return code not in ("General", "@") and bool(_DATE_LETTER.search(_bare(code)))


def _bare(code: str) -> str:
    """The first section of a format without its literal text."""
    return _QUOTED.sub("", code).split(";")[0].replace("General", "")


@lru_cache(maxsize=1024)
def _form(code: str, sign: int) -> _Form | str | None:
    """The form for numbers of a sign; the words themselves where the format shows no digits; None: no form."""
    masked, marks = _parts(code.replace("General", "@"))
    sections = masked.split(";")
    unsigned = sign < 0 and len(sections) > 1
    section = sections[1] if unsigned else sections[0]
    if sign == 0 and len(sections) > 2 and sections[2]:
        section = sections[2]
    places = _PLACES.search(section)
    if re.search("[eE/]", section):
        return None
    if not places and "@" not in section:
        return _restored(section, marks).strip() if marks else None
    start, end = places.span() if places else (section.index("@"), section.index("@") + 1)
    before, after = _restored(section[:start], marks), _restored(section[end:], marks)
    return _Form(before, places.group() if places else "", after, section.count("%"), unsigned)


def _parts(code: str) -> tuple[str, list[str]]:
    """A format with one private character for each literal text, and these texts."""
    marks: list[str] = []

    def mark(match: re.Match[str]) -> str:
        marks.append(match[1] or match[2] or match[3] or "")
        return chr(0xE000 + len(marks) - 1)

    return _QUOTED.sub(mark, code), marks


def _restored(text: str, marks: list[str]) -> str:
    return "".join(marks[ord(c) - 0xE000] if 0xE000 <= ord(c) < 0xE000 + len(marks) else c for c in text)


def _digits(value: float, places: str, percents: int) -> str:
    whole, _, decimals = places.rstrip(",").partition(".")
    scale = len(places) - len(places.rstrip(","))
    number = Decimal(repr(value)) * 100**percents / 1000**scale
    shown_places = sum(c in "0#?" for c in decimals)
    rounded = number.quantize(Decimal(1).scaleb(-shown_places), ROUND_HALF_UP)
    text = f"{rounded:{',' if ',' in whole else ''}f}"
    if not rounded and "0" not in places:
        return ""
    optional = len(decimals) - len(decimals.rstrip("#?"))
    if optional and "." in text:
        kept = text.rstrip("0")
        text = max(kept, text[: len(text) - optional], key=len).rstrip(".")
    return text.zfill(sum(c == "0" for c in whole)) if "," not in whole else text


def _date(value: float, code: str, from_1904: bool) -> str | None:
    """The date or time, as far as the format shows its parts; None where no calendar has it."""
    letters = _bare(code).lower()
    if not 0 <= value < _LAST_DAY:
        return None
    if "[" in letters:
        seconds = round(value * 86400)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}" + (
            f":{seconds % 60:02}" if "s" in letters else ""
        )
    days = value + 1462 if from_1904 else value
    moment = datetime(1899, 12, 30) + timedelta(seconds=round((days + (days < 60)) * 86400))
    clock = f"{moment:%H:%M:%S}" if "s" in letters and moment.second else f"{moment:%H:%M}"
    of_day = _CLOCK.sub("", letters)
    if not _DATE_LETTER.search(of_day):
        return clock
    day = _day(moment, of_day)
    return f"{day} {clock}" if of_day != letters and clock != "00:00" else day


def _day(moment: datetime, letters: str) -> str:
    day, month, year = "d" in letters, "m" in letters, "y" in letters
    name = _MONTHS[moment.month - 1]
    if day and month and not year:
        return f"{moment.day} {name}"
    if month and not day:
        return f"{name} {moment.year}" if year else name
    return str(moment.year) if year and not day and not month else f"{moment:%Y-%m-%d}"
