"""Whether two places of a text are neighbours in a list."""

import re

from tools.acting.extracting.text import Text

MOST = 4
"""Words between them, beside those that are said again."""
_LINKS = frozenset(
    {",", "and", "or", "&", "the", "a", "an", ";", "also", "then", "plus", "'", '"', "versus", "vs"}
)
_WORD = re.compile(r"\w+(?:['’]\w+)?|[^\w\s]")


def linked(text: Text, first_start: int, first_end: int, second_start: int) -> bool:
    """Whether nothing but commas and "and" stands between, and what stood before the first: "room 5, room 7"."""
    between = [word.lower() for word in _WORD.findall(text.text[first_end:second_start])]
    before = [word.lower() for word in _WORD.findall(text.text[max(0, first_start - 60) : first_start])]
    links = next((at for at, word in enumerate(between) if word not in _LINKS), len(between))
    again = len(between) - links
    return 0 < links <= MOST and (not again or before[-again:] == between[links:])
