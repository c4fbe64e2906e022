"""What personal data looks like by itself: addresses of machines, numbers with check digits, dates."""

from collections.abc import Iterator

from tools.guard.pii.found import Found
from tools.guard.pii.rules import RULES, Rule

NEAR = 60
"""Characters before a number in which a word may say what it is."""

_SEPARATORS = str.maketrans("", "", " -./")


def matches(text: str) -> Iterator[Found]:
    """All that the rules find, overlaps included."""
    numbers = any(sign.isdigit() for sign in text)
    for rule in RULES:
        if numbers or rule.name in _WITHOUT_DIGITS:
            yield from _of(rule, text)


_WITHOUT_DIGITS = frozenset(("email", "url", "domain", "ipv6", "weekday"))


def _of(rule: Rule, text: str) -> Iterator[Found]:
    for match in rule.pattern.finditer(text):
        start, end = match.span()
        if rule.type == "URL":
            end -= len(match[0]) - len(match[0].rstrip(".,;:!?"))
        if rule.near and not rule.near.search(text, max(0, start - NEAR), start):
            continue
        if rule.holds and not rule.holds(match[0] if rule.type == "IP" else match[0].translate(_SEPARATORS)):
            continue
        yield Found(start, end, rule.type, rule.score, rule.name)
