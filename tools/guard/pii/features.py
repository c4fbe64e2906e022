"""What a word tells of itself and of its neighbours: spelling, shape, and the lists it stands in."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from tools.guard.pii.words import LISTS

REACH = 3
"""Words before and after that are looked at."""
PLACES = range(-REACH, REACH + 1)
BITS = 15
TABLE = 1 << BITS
"""Rows that features are hashed to (Weinberger et al. 2009)."""
LONGEST = 40
"""Characters of a word that are read."""

Ints = NDArray[Any]
_SEEN = [min(abs(place), 2) for place in PLACES]
_SALTS = np.array([(place + REACH) * 0x9E3779B1 for place in PLACES], np.uint64)
_TOKEN = re.compile(r"[^\W\d_]++(?:-[^\W\d_]++)*+|\d++|\S")
_MEMBERS: dict[str, tuple[str, ...]] = {}
for _name, _words in LISTS.items():
    for _word in _words:
        _MEMBERS[_word] = (*_MEMBERS.get(_word, ()), _name)


def tokens(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Words, numbers and single signs: where each begins and ends."""
    return [match.span() for match in _TOKEN.finditer(text, start, len(text) if end is None else end)]


def keys(text: str, spans: Iterable[tuple[int, int]], kind: int) -> list[str]:
    """The words, each with whether a line or a blank precedes and the text's case: all that features are made of."""
    broken, case_of = "\n" in text, str(kind)
    found = []
    for start, end in spans:
        if not start or (broken and "\n" in text[max(0, start - 3) : start]):
            mark = "\n"
        else:
            mark = " " if text[start - 1].isspace() else "_"
        found.append(mark + case_of + text[start : min(end, start + LONGEST)])
    return found


def features(word: str, usual: Mapping[int, int]) -> tuple[list[str], int, int]:
    """What the key of a word tells, and how much of it words at any distance see, and next to it; itself sees all.

    usual: how words are usually written, by CRC-32 of the word in small letters (see training.pii_words).
    """
    mark, kind, written = word[0], word[1], word[2:]
    low = written.lower()
    form = shape(written)
    told = ["w=" + low, f"s={kind}{form}", f"m={mark}{form[:1]}"]
    if low[:1].isalpha():
        told.append(f"u={usual.get(crc32(low.encode(errors='replace')), 0)}{form[:1]}{kind}")
        single = low[:-1] if len(low) > 4 and low[-1] == "s" else low
        for name in _MEMBERS.get(low, ()) or _MEMBERS.get(single, ()):
            told += (f"l={name}", f"l={name}{form}{kind}")
    far = len(told)
    told += ("3=" + low[-3:], f"n={min(len(low), 12)}")
    near = len(told)
    told += [f"p={low[:size]}" for size in (1, 2, 3, 4) if size < len(low)]
    told += [f"e={low[-size:]}" for size in (1, 2, 4, 5) if size < len(low)]
    told += [f"g={low[at : at + 3]}" for at in range(len(low) - 2)]
    return told, far, near


def rows(words: Sequence[str], usual: Mapping[int, int]) -> tuple[Ints, Ints]:
    """The rows of the table that words add up, for each word and each of `PLACES` in turn, and where each part begins.

    At place 0 the first row is the word's own.
    """
    hashed: list[int] = []
    firsts, seen = [], []
    for word in words:
        told, far, near = features(word, usual)
        firsts.append(len(hashed))
        seen.append((len(told), near, far))
        hashed += [crc32(feature.encode(errors="replace")) for feature in told]
    sizes = np.array(seen)[:, _SEEN].ravel()
    starts = np.cumsum(sizes) - sizes
    places = np.arange(sizes.sum()) + np.repeat(np.repeat(firsts, len(PLACES)) - starts, sizes)
    own = np.array(hashed, np.uint64)[places]
    # Other rows for each place (multiplicative hashing, Knuth 6.4).
    mixed = (own ^ np.repeat(np.tile(_SALTS, len(words)), sizes)) * np.uint64(0x9E3779B97F4A7C15)
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64), starts


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
