"""What personal data looks like by itself: addresses of machines, numbers with check digits, dates."""

import re
from collections.abc import Iterator

from tools.guard.pii.found import Found
from tools.guard.pii.rules import DIGITS, NEAR, RULES, SIGNS, WORDS, Rule

_SEPARATORS = str.maketrans("", "", " -./")
_ALIKE = str.maketrans("İıſ", "iis")
_DIGITS = re.compile(r"\d(?:[^\d]{0,40}\d)*+")
AROUND = 40
"""Characters before and after digits that belong to a number or a date at most, and between two digits of one."""


def matches(text: str) -> Iterator[Found]:
    """All that the rules find, overlaps included."""
    small = _small(text)
    stretches = [
        (start, end, digits, small[max(0, start - NEAR) : end]) for start, end, digits in _stretches(text)
    ]
    for rule in RULES:
        if rule.name in SIGNS:
            yield from _of(rule, text, *_between(small, rule.name))
            continue
        least, words = DIGITS[rule.name], WORDS.get(rule.name)
        for start, end, digits, there in stretches:
            if digits >= least and (words is None or any(word in there for word in words)):
                yield from _of(rule, text, start, end)


def _small(text: str) -> str:
    """In small letters as patterns compare them that ignore case, character for character."""
    return text.lower() if text.isascii() else text.translate(_ALIKE).lower()


def _between(small: str, name: str) -> tuple[int, int]:
    """From before the first sign of a rule to behind the last one: nowhere else can it match."""
    signs, before, after = SIGNS[name]
    first = [at for sign in signs if (at := small.find(sign)) >= 0]
    if not first:
        return 0, 0
    return max(0, min(first) - before), min(len(small), max(map(small.rfind, signs)) + after)


def _stretches(text: str) -> Iterator[tuple[int, int, int]]:
    """The parts of the text with digits, to the blanks around them, and how many: no other is worth a look."""
    last = 0
    for match in _DIGITS.finditer(text):
        start, end = (
            _blank(text, max(last, match.start() - AROUND), -1),
            _blank(text, match.end() + AROUND, 1),
        )
        yield max(start, last), end, sum(map(str.isdigit, match[0]))
        last = max(end, last)


def _blank(text: str, at: int, step: int) -> int:
    """The next place towards either end of the text where a word ends; 200 characters away at most."""
    for place in range(at, at + 200 * step, step):
        if not 0 < place < len(text):
            return max(0, min(place, len(text)))
        if text[place - 1].isspace():
            return place
    return at + 200 * step


def _of(rule: Rule, text: str, begin: int, stop: int) -> Iterator[Found]:
    for match in rule.pattern.finditer(text, begin, stop):
        start, end = match.span()
        if rule.size:
            end = start + rule.size(match[0])
        if rule.type == "URL":
            end -= len(match[0]) - len(match[0].rstrip(".,;:!?"))
        if rule.near and not rule.near.search(text, max(0, start - rule.reach), start):
            continue
        if end <= start or not _holds(rule, text[start:end]):
            continue
        yield Found(start, end, rule.type, rule.score, rule.name)


def _holds(rule: Rule, value: str) -> bool:
    """Check digits are worked out for ASCII only: small and capital letters of other scripts may match there too."""
    if rule.holds is None:
        return True
    return value.isascii() and rule.holds(value if rule.type == "IP" else value.translate(_SEPARATORS))
