"""What is doubtful about a text. A flag excludes nothing: people see it in `kairos documents report`.

Thresholds are those of Gopher (Rae et al. 2021, arXiv 2112.11446, appendix A.1.1) and C4 (Raffel et al. 2020,
arXiv 1910.10683, section 2.2) where these have one.
"""

import re
from collections import Counter
from collections.abc import Sequence

from tools.parse.document import Document

VERY_SHORT = 50
"""Words; Gopher asks for at least 50."""
LETTERED = 0.8
"""Gopher: at least 80 % of the words hold a letter."""
REPEATED = 0.3
"""Gopher: at most 30 % of the lines stand in the text already."""
WORD_LENGTH = (3.0, 10.0)
"""Gopher: the mean length of a word; letters set apart ("R e p o r t") fall below it."""
BROKEN = (3, 1_000)
"""At least so many broken characters, and at least one among so many."""

_WORD = re.compile(r"\S+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\ud7ff\uf900-\ufaff]")
# The replacement character, private characters of fonts, glyph numbers of PDFs, and UTF-8 read as Latin-1.
_BROKEN = re.compile(
    "[\ufffd\ue000-\uf8ff]|\\(cid:\\d+\\)|[\u00c2\u00c3][\u0080-\u00bf\u2018-\u2022\u20ac\u2122\u0152-\u0178]"
    "|\u00e2\u20ac[\u0080-\u00ff\u0152-\u0178\u02c6-\u02dc\u2013-\u2122]"
)
_PLACEHOLDER = re.compile(r"lorem ipsum", re.IGNORECASE)  # C4 leaves such pages out


def flags_of(document: Document) -> tuple[str, ...]:
    """The flags of a document, sorted: broken_encoding, mostly_symbols, ocr, odd_words, placeholder_text,

    repeated_lines, very_short. Tables and code count as text for `very_short` and `broken_encoding` only: they
    consist of numbers, symbols and repetitions by nature.
    """
    lines = _prose_lines(document)
    words = [word for line in lines for word in _WORD.findall(line)]
    found = {
        "very_short": _is_short(document.text),
        "broken_encoding": _is_broken(document.text),
        "mostly_symbols": _is_symbols(words),
        "odd_words": _is_odd(words),
        "repeated_lines": _is_repeated(lines),
        "placeholder_text": bool(_PLACEHOLDER.search(document.text)),
        "ocr": bool(document.metadata.get("ocr")),
    }
    return tuple(sorted(flag for flag, holds in found.items() if holds))


def _prose_lines(document: Document) -> list[str]:
    return [
        line
        for element in document.elements
        if element.kind not in ("table", "code")
        for line in document.text[element.start : element.end].split("\n")
    ]


def _is_short(text: str) -> bool:
    """Two characters of a script without blanks count as a word."""
    head = text[: VERY_SHORT * 40]
    return len(_WORD.findall(head)) + len(_UNSPACED.findall(head)) / 2 < VERY_SHORT


def _is_broken(text: str) -> bool:
    least, among = BROKEN
    broken = sum(1 for _ in _BROKEN.finditer(text))
    return broken >= least and broken * among >= len(text)


def _is_symbols(words: Sequence[str]) -> bool:
    lettered = sum(1 for word in words if word[0].isalpha() or any(map(str.isalpha, word)))
    return len(words) >= VERY_SHORT and lettered < LETTERED * len(words)


def _is_odd(words: Sequence[str]) -> bool:
    letters = [word for word in words if word[0].isalpha()]
    if len(letters) < VERY_SHORT or _UNSPACED.search(" ".join(letters[:200])):
        return False
    low, high = WORD_LENGTH
    return not low <= sum(map(len, letters)) / len(letters) <= high


def _is_repeated(lines: Sequence[str]) -> bool:
    counts = Counter(" ".join(line.casefold().split()) for line in lines)
    return len(lines) >= 10 and len(lines) - len(counts) > REPEATED * len(lines)
