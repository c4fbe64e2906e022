"""Whether two places of a text are neighbours in a list."""

import re

from tools.acting.extracting.text import Text

MOST = 4
"""Words between them, beside those that are said again."""
_LINKS = frozenset({",", "and", "or", "&", "the", "a", "an", ";", "also", "then", "plus", "'", '"', "versus", "vs"})
_WORD = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")


def linked(text: Text, first_start: int, first_end: int, second_start: int) -> bool:
    """Whether nothing but commas and "and" stands between, and what stood before the first: "room 5, room 7"."""
    between = [word.lower() for word in _WORD.findall(text.text[first_end:second_start])]
    before = [word.lower() for word in _WORD.findall(text.text[max(0, first_start - 60) : first_start])]
    again = 0
    while again < min(len(before), len(between)) and before[-1 - again] == between[-1 - again]:
        again += 1
    left = between[: len(between) - again]
    return 0 < len(left) <= MOST and all(word in _LINKS for word in left)
