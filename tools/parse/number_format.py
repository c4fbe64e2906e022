"""A spreadsheet's number as its cell shows it: dates, shares, amounts and plain numbers."""

import re
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

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


def shown(value: float, code: str = "General", from_1904: bool = False) -> str:
    """`value` as the format `code` shows it; dates as ISO 8601, or as month or year where no day is shown."""
    if not abs(value) < _GREATEST:
        return f"{value:.{_MOST_DIGITS}g}"
    if is_date(code):
        return _date(value, code, from_1904) or plain(value)
    section, value = _section(code, value)
    skeleton, marks = _parts(section.replace("General", "@"))
    places = _PLACES.search(skeleton)
    if places and not re.search("[eE/]", skeleton):
        digits = _digits(value, places.group(), skeleton.count("%"))
    elif not places and marks and "@" not in skeleton:
        return _restored(skeleton, marks).strip()  # only words, such as a dash for nothing
    else:
        digits, places = plain(value), re.search(r"@|\S.*\S|$", skeleton)
    before, after = (skeleton[: places.start()], skeleton[places.end() :]) if places else ("", "")
    return (_restored(before, marks) + digits + _restored(after, marks)).strip()


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


def _section(code: str, value: float) -> tuple[str, float]:
    """The part of a format that is for numbers of this sign, and the number it shows."""
    masked, marks = _parts(code)
    sections = masked.split(";")
    if value < 0 and len(sections) > 1:
        return _restored(sections[1], marks, quote=True), -value
    if value == 0 and len(sections) > 2 and sections[2]:
        return _restored(sections[2], marks, quote=True), value
    return _restored(sections[0], marks, quote=True), value


def _parts(code: str) -> tuple[str, list[str]]:
    """A format with one private character for each literal text, and these texts."""
    marks: list[str] = []

    def mark(match: re.Match[str]) -> str:
        marks.append(match[1] or match[2] or match[3] or "")
        return chr(0xE000 + len(marks) - 1)

    return _QUOTED.sub(mark, code), marks


def _restored(text: str, marks: list[str], quote: bool = False) -> str:
    form = '"{}"' if quote else "{}"
    return "".join(form.format(marks[ord(c) - 0xE000]) if 0xE000 <= ord(c) < 0xE000 + len(marks) else c for c in text)


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
        return f"{seconds // 3600}:{seconds // 60 % 60:02}" + (f":{seconds % 60:02}" if "s" in letters else "")
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
