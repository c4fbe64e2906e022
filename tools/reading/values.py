"""Short values in a text: amounts, numbers, durations, dates, times, people and places."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Literal

from tools.reading.question import Wanted

_SMALL = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    "|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
)
_NUMBER = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?|(?:{_SMALL})(?:[- ](?:{_SMALL}))?(?: hundred| thousand)?|(?:a|one) (?:hundred|dozen))"
_RANGE = rf"{_NUMBER}(?:\s?(?:-|–|to|or)\s?{_NUMBER})?"
_SPAN = r"(?:(?:full|calendar|business|working|consecutive|continuous|paid|unpaid|more|academic|school) )*(?:second|minute|hour|day|night|week|fortnight|month|quarter|year)s?"
_CURRENCY = r"(?:USD|EUR|GBP|CHF|CAD|AUD|JPY|US\$|C\$|A\$|[$€£¥])"
_UNIT_MONEY = r"(?:US )?(?:dollars?|euros?|pounds?|cents?|francs?)|USD|EUR|GBP|CHF|CAD|AUD|JPY|€|£|¥"
_PER = r"(?:,? (?:per|an?|each|every) [a-z]+|/[a-z]+)?"
_MONTH = (
    "(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
# "may" and "march" are months only after a preposition and with a capital.
_BARE_MONTH = (
    "(?:in|by|until|till|since|from|before|after|during|each|every) (?-i:January|February|March|April|May|June|July"
    r"|August|September|October|November|December)(?!\w)"
)
_WEEKDAY = "(?:mon|tues|wednes|thurs|fri|satur|sun)days?"
_CLOCK = r"(?:\d{1,2}(?::\d{2})? ?[ap]\.?m\b\.?|\d{1,2}:\d{2}|noon|midnight)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"

REMEMBERED = 4_096
"""Units whose values are kept: passages come back turn after turn, and so do kinds of questions."""

Found = Literal["money", "percent", "number", "measure", "duration", "frequency", "time", "person", "place"]

_PATTERNS: dict[Found, str] = {
    "money": rf"{_CURRENCY}\s?\d[\d,]*(?:\.\d+)?(?:\s?(?:million|billion|thousand|k|m)\b)?{_PER}|{_NUMBER}\s?(?:{_UNIT_MONEY})(?!\w){_PER}",
    "percent": rf"{_RANGE}\s?(?:%|per ?cent\b|percent(?:age points?)?\b)",
    "measure": rf"\b{_RANGE}[\s-]?(?:km|kilomet\w+|miles?|met\w{{2,3}}s?|cm|mm|inch(?:es)?|feet|kg|kilos?|kilograms?|grams?|pounds|lbs|litres?|liters?|[kmgt]b\b|[kmg]bps|°c|degrees|square \w+|cents)\b{_PER}",
    "duration": rf"\b(?:{_RANGE}|(?<=within )an?|(?<=than )an?|(?<=least )an?|(?<=for )an?|half an?)[\s-]{_SPAN}\b(?: and (?:{_NUMBER}|a half) {_SPAN})?",
    "frequency": rf"\b(?:(?:once|twice|{_NUMBER} times)(?:,? (?:an?|per|each|every|in an?) (?:{_NUMBER} )?\w+)?|(?:every|each) (?:(?:other|second|third|{_NUMBER}) )?(?:{_SPAN}|{_WEEKDAY})|(?:bi-?|semi-?)?(?:hourly|daily|weekly|fortnightly|monthly|quarterly|yearly|annually)|per (?:day|week|month|quarter|year)|annual)\b",
    "time": rf"\b(?:(?:{_WEEKDAY},? )?(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? \d{{4}})?|(?:{_WEEKDAY},? )?{_MONTH} {_DAY}(?:,? \d{{4}})?\b|{_MONTH} \d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|(?:between |from )?{_CLOCK}(?: ?(?:-|–|to|and|until) ?{_CLOCK})?|{_WEEKDAY}(?: (?:to|through|and) {_WEEKDAY})?|(?:the )?(?:last|first|second|third|\d{{1,2}}(?:st|nd|rd|th)) (?:(?:working|business|calendar) )?(?:{_WEEKDAY}|day)(?: of (?:the|each|every) (?:following )?\w+)?|(?:the )?(?:end|start|beginning) of (?:the |each |every )?(?:\w+ )?(?:month|quarter|year|week|day)|{_BARE_MONTH}|(?:19|20)\d\d)(?!\w)",
    "person": r"[\w.+-]+@[\w-]+\.[\w.]+|\b(?:[Tt]he|[Yy]our|[Aa]n?|[Oo]ur|[Ee]ach|[Tt]heir) (?:[\w'&-]+ ){0,4}?(?:[Mm]anager|[Tt]eam|[Ll]ead|[Ll]eader|[Oo]fficer|[Dd]irector|[Dd]epartment|[Dd]esk|[Oo]ffice|[Cc]ommittee|[Pp]artner|[Ss]upervisor|[Hh]ead|[Cc]oordinator|[Aa]dministrator|[Oo]wner|[Hh]ost|[Aa]pprover|[Ss]taff|[Bb]oard|[Pp]anel|[Cc]ouncil|[Pp]rovider|[Vv]endor|[Aa]gent|[Ee]mployees?|[Gg]roup|[Ss]ponsor|[Cc]hair|[Pp]resident|[Cc]ounsel)s?(?: of [A-Z]\w+)?\b|\b(?:HR|IT|CEO|CFO|COO|CTO|CISO|DPO)\b|\b[A-Z][\w'-]+(?: (?:and |of |& )?[A-Z][\w'-]+)+",
    "place": r"https?://\S+|\b[\w-]+\.(?:com|org|net|gov|example|io|internal|local)\b\S*|#[\w-]+|\b(?:[Rr]oom|[Ff]loor|[Bb]uilding|[Ll]evel|[Ll]obby|[Bb]asement|[Rr]eception|[Pp]ortal|[Cc]abinet|[Ff]older|[Ss]helf|[Dd]rawer|[Ii]ntranet|[Ww]iki|[Oo]nline|[Cc]ar park|[Gg]arage|[Kk]itchen|[Cc]anteen|[Hh]elp ?desk|[Oo]ffice|[Ss]torage|[Cc]alendar|[Ww]ebsite|[Aa]pp)\b|\b(?:in|at|on|from|via|to|through|under|near) (?:the |our |your )?[A-Z][\w'-]+(?: [A-Z][\w'-]+)*",
    "number": rf"(?<![\w.,-]){_RANGE}(?![\w%]|[.,]\d)",
}  # fmt: skip
_CASED = ("person", "place")
_COMPILED = {
    kind: re.compile(pattern, 0 if kind in _CASED else re.IGNORECASE) for kind, pattern in _PATTERNS.items()
}
_ANSWERS: dict[Wanted, tuple[Found, ...]] = {
    "count": ("number",),
    "amount": ("money", "percent", "measure", "duration", "number"),
    "duration": ("duration", "time"),
    "frequency": ("frequency",),
    "time": ("time", "duration", "frequency"),
    "person": ("person",),
    "place": ("place", "person"),
}


def wants_value(wanted: Wanted) -> bool:
    """Whether such a question is answered by a short value."""
    return wanted in _ANSWERS


@lru_cache(maxsize=REMEMBERED)
def values(text: str, wanted: Wanted) -> Sequence[tuple[int, int]]:
    """Spans of the values in `text` that could answer such a question; those of the best kind found only."""
    for kind in _ANSWERS.get(wanted, ()):
        spans = [match.span() for match in _COMPILED[kind].finditer(text)]
        if spans:
            return tuple(spans)
    return ()
