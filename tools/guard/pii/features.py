"""What a word tells of itself and of its neighbours: spelling, shape, and the lists it stands in."""

import re
from collections.abc import Iterator, Mapping
from zlib import crc32

from tools.guard.pii.words import LISTS

REACH = 3
"""Words before and after that are looked at."""
TABLE = 1 << 15
"""Rows that features are hashed to (Weinberger et al. 2009)."""
LONGEST = 40
"""Characters of a word that are read."""

_TOKEN = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+|\d++|\S")


def tokens(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Words, numbers and single signs: where each begins and ends."""
    return [match.span() for match in _TOKEN.finditer(text, start, len(text) if end is None else end)]


def key(text: str, start: int, end: int, kind: int) -> str:
    """A word, whether a line or a blank precedes, and the text's case: all that its features are made of."""
    before = text[max(0, start - 3) : start]
    mark = "\n" if "\n" in before or not start else " " if before[-1:].isspace() else "_"
    return f"{mark}{kind}{text[start : min(end, start + LONGEST)]}"


def rows(word: str, place: int, usual: Mapping[int, int]) -> list[int]:
    """The rows of the table for the key of a word that stands `place` words from the one in question.

    usual: how words are usually written, by CRC-32 of the word in small letters (see training.pii_words).
    """
    return [crc32(f"{place}|{feature}".encode()) % TABLE for feature in _features(word, abs(place), usual)]


def _features(word: str, distance: int, usual: Mapping[int, int]) -> Iterator[str]:
    mark, kind, written = word[0], word[1], word[2:]
    low = written.lower()
    yield "w=" + low  # the first is the word itself: training hides it at times
    form = shape(written)
    yield "s=" + kind + form
    yield "m=" + mark + form[:1]
    if low.isalpha() or "-" in low:
        yield f"u={usual.get(crc32(low.encode()), 0)}{form[:1]}{kind}"
    for name, words in LISTS.items():
        if low in words or (len(low) > 4 and low[-1] == "s" and low[:-1] in words):
            yield f"l={name}"
            yield f"l={name}{form}{kind}"
    if distance <= 1:
        yield "3=" + low[-3:]
        yield f"n={min(len(low), 12)}"
    if distance == 0:
        yield from (f"p={low[:size]}" for size in (1, 2, 3, 4) if size < len(low))
        yield from (f"e={low[-size:]}" for size in (1, 2, 4, 5) if size < len(low))
        yield from (f"g={low[at : at + 3]}" for at in range(len(low) - 2))


def shape(word: str) -> str:
    """Aa, AA, aa, AaA, digits by their number, a sign as it is."""
    first = word[:1]
    if first.isdigit():
        return f"d{len(word)}"
    if not first.isalpha():
        return first
    kind = "A" if first.isupper() else "a"
    if len(word) > 1:
        rest = word[1:]
        kind += "a" if rest.islower() else "A" if rest.isupper() else "aA"
    return kind + ("-" if "-" in word else "") + ("" if word.isascii() else "é")


def case(text: str) -> int:
    """0: capitals and small letters, 1: small letters only, 2: capitals only."""
    has_lower = text != text.upper()
    has_upper = text != text.lower()
    return 1 if has_lower and not has_upper else 2 if has_upper and not has_lower else 0
