"""Hard facts: numbers, dates and names, which a source must hold as they are."""

import re

from tools.analyse import terms

_UNITS = dict(
    zip(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split(),
        range(20),
        strict=True,
    )
)
_TENS = dict(
    zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True)
)
_ORDINALS = dict(
    zip("first second third fourth fifth sixth seventh eighth ninth tenth".split(), range(1, 11), strict=True)
)
_DIGITS = re.compile(r"\d+(?:[.,:/-]\d+)*")
_WORDS = re.compile(r"[a-z]+", re.IGNORECASE)
_DATES = re.compile(
    r"\b(january|february|march|april|june|july|august|september|october|november|december|(?:mon|tues|wednes|thurs|fri|satur|sun)days?)\b",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z][\w'’&-]*[\w]")
_INNOCENT = frozenset({"one", "first", "second", "zero"})  # "one of", "first ask": seldom figures


def missing_facts(claim: str, source: str) -> list[str]:
    """The numbers, months, weekdays and names of the claim that the source does not hold, in order."""
    known = numbers(source)
    missing = [text for value, text in _figures(claim) if value not in known]
    source_dates = {match.group().casefold().rstrip("s") for match in _DATES.finditer(source)}
    missing += [
        m.group() for m in _DATES.finditer(claim) if m.group().casefold().rstrip("s") not in source_dates
    ]
    present = set(terms(source))
    missing += [name for name in _NAME.findall(claim) if not set(terms(name)) <= present]
    return list(dict.fromkeys(missing))


def numbers(text: str) -> set[str]:
    """The numbers in a text in one form: "1,500" and "1500", "five" and "5", "2.50" and "2.5" are the same."""
    return {value for value, _ in _all_figures(text)}


def _figures(text: str) -> list[tuple[str, str]]:
    return [(value, word) for value, word in _all_figures(text) if word.lower() not in _INNOCENT]


def _all_figures(text: str) -> list[tuple[str, str]]:
    figures = [(_normal(match.group()), match.group()) for match in _DIGITS.finditer(text)]
    words = [match.group() for match in _WORDS.finditer(text)]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        value = _UNITS.get(word.lower(), _TENS.get(word.lower(), _ORDINALS.get(word.lower())))
        if value is None:
            continue
        figures.append((str(value), word))
        if word.lower() in _TENS and following.lower() in _UNITS:
            figures.append((str(value + _UNITS[following.lower()]), f"{word} {following}"))
    return figures


def _normal(digits: str) -> str:
    plain = re.sub(r",(?=\d{3}(?!\d))", "", digits)
    if re.fullmatch(r"\d+\.\d+", plain):
        plain = plain.rstrip("0").rstrip(".")
    return plain.lstrip("0") or "0"
