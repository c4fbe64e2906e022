"""Days in the form that a parameter's description asks for."""

import re
from datetime import date
from functools import lru_cache

from tools.acting.extracting.clock import Moment
from tools.acting.extracting.parameters import Parameter

_PART = r"(YYYY?|MM|DD|Month|Mon|Day|Year)"
_PATTERN = re.compile(rf"\b(?={_PART}(,? |[-/.]){_PART}(,? |[-/.]){_PART}\b)", re.IGNORECASE)
_CODES = {
    "yyyy": "%Y",
    "yyy": "%Y",
    "year": "%Y",
    "mm": "%m",
    "dd": "%d",
    "day": "%d",
    "month": "%B",
    "mon": "%b",
}


def written(moment: Moment, parameter: Parameter) -> str:
    """A day as the description says it is written, such as MM/DD/YYYY; else, and a time, as ISO 8601."""
    pattern = _pattern(parameter.description) if moment.kind == "date" else ""
    return date.fromisoformat(moment.iso).strftime(pattern) if pattern else moment.iso


@lru_cache(maxsize=4096)
def _pattern(description: str) -> str:
    """For strftime; empty where the description names no form of three different parts."""
    for match in _PATTERN.finditer(description):
        first, one, second, other, third = match.groups()
        codes = [_CODES[part.lower()] for part in (first, second, third)]
        if one in "-/.":
            codes = ["%m" if code == "%B" else code for code in codes]
        if len(set(codes)) == 3:
            return f"{codes[0]}{one}{codes[1]}{other}{codes[2]}"
    return ""
