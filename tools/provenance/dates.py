"""Days of the calendar, however they are written."""

import re

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = rf"({'|'.join(_MONTHS)})[a-z]{{0,6}}\.?"
_ISO = re.compile(r"(?<!\d)(\d{4})-?(\d{2})-?(\d{2})(?!\d)")
_SIGNS = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?\.?(?: of)? {_MONTH},? (\d{{4}})(?!\d)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})(?!\d)", re.IGNORECASE)
_WHOLE = re.compile(
    r"\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?|\d{1,2}:\d{2}(?::\d{2})?"
)
Day = tuple[int, int, int]


def is_date(text: str) -> bool:
    """Whether it is a day or a time of day in the form that tools take (ISO 8601), and nothing else."""
    return _WHOLE.fullmatch(text.strip()) is not None


def days(text: str) -> set[Day]:
    """Every (year, month, day) that may be meant; 3/4/2026 may be either."""
    found = {(int(year), int(month), int(day)) for year, month, day in _ISO.findall(text)}
    for first, second, year in _SIGNS.findall(text):
        found |= {(int(year), int(first), int(second)), (int(year), int(second), int(first))}
    for day, month, year in _DAY_FIRST.findall(text):
        found.add((int(year), _MONTHS.index(month.lower()[:3]) + 1, int(day)))
    for month, day, year in _MONTH_FIRST.findall(text):
        found.add((int(year), _MONTHS.index(month.lower()[:3]) + 1, int(day)))
    return found
