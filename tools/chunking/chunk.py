"""A chunk, and how its size is counted."""

import re
from dataclasses import dataclass

Span = tuple[int, int]

# Scripts without blanks count two characters a word; runs longer than 30 (links, keys) count as several.
WORD = re.compile(
    r"[\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]{1,2}"
    r"|[^\s\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]{1,30}"
)


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage that is searched: `text == document.text[start:end]`, and where it stands.

    headings: the path of headings above it, and the header of the table it begins in. page: from 1, where it begins.
    read: the span, in characters, that is read where the chunk is found; it holds `start` to `end`.
    """

    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    page: int | None
    read: Span


def count_words(text: str) -> int:
    """Words of `text` as the size of a chunk counts them."""
    return len(WORD.findall(text))


def runs(text: str, start: int, end: int, most: int) -> list[Span]:
    """Spans of at most `most` words each that together hold `text[start:end]` but for blanks."""
    words = [match.span() for match in WORD.finditer(text, start, end)]
    return [(words[i][0], words[i : i + most][-1][1]) for i in range(0, len(words), most)]
