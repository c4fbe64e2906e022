"""What kind of thing a cell shows, told by its text alone, so that every format is judged alike."""

import re

_NUMBER = re.compile(
    r"[-+−(]?\s*(?:[$€£¥₹]|[A-Z]{3}\s)?\s*[-+−]?(?:\d[\d.,'’\u00a0\u202f ]*|\.\d+)(?:[eE][-+]?\d+)?"
    r"\s*(?:%|‰|[$€£¥₹]|EUR|USD|GBP|CHF)?\s*\)?\Z"
)
_YEAR = re.compile(r"(?:1[89]|20|21)\d\d\Z")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r"(?:\d{4}-\d\d?(?:-\d\d?)?|\d\d?[./-]\d\d?[./-]\d{2,4}"
    rf"|\d\d?\.? {_MONTH} \d{{2,4}}|{_MONTH} (?:\d\d?, )?\d{{2,4}})"
    r"(?:[ T]\d\d?:\d\d(?::\d\d)?)?\Z|\d\d?:\d\d(?::\d\d)?\Z",
    re.I,
)
_ANSWER = re.compile(r"(?:true|false|yes|no|n/a|#[A-Z/0]+[!?]?|[-–—])\Z", re.I)
_ADDRESS = re.compile(r"\S+@\S+\.\S+\Z|https?://\S|www\.\S")
_PROSE = 100  # characters; no column is named by more


def is_number(text: str) -> bool:
    """Whether `text` is a number, an amount or a share, years too."""
    return bool(_NUMBER.match(text))


def is_period(text: str) -> bool:
    """Whether `text` is a year, a date or a time: it may name a column as well as fill it."""
    return bool(_YEAR.match(text) or _DATE.match(text))


def is_value(text: str) -> bool:
    """Whether `text` can only be content: no column is named by an amount, an answer or an address."""
    if is_period(text):
        return False
    if is_number(text) or _ANSWER.match(text) or _ADDRESS.match(text):
        return True
    return len(text) > _PROSE
