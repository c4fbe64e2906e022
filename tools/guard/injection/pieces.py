"""Long texts are looked at in pieces: windows of what a user wrote, sentences and cells of a document."""

import re
from collections.abc import Iterator

from tools.sentences import sentence_spans

Span = tuple[int, int]

WINDOW = 1_000
"""Characters of a user's text that are judged as one: about what the sentence vector reads."""
OVERLAP = 200
LONGEST = 400
"""Characters of a piece of a document; a longer run without an end is cut."""
SHORTEST = 12
"""Letters: a cell or heading with fewer holds no command."""

# Tags, comments, brackets, cells and quoted values of markup, code and JSON end a piece as a full stop does.
_CUT = re.compile(
    r"<!--|-->|</?[A-Za-z][^<>]{0,200}>|/\*|\*/|//(?=\s)|(?:^|(?<=\s))(?:#+|--|%+)(?=\s)|\s\|\s|[{}\[\]]|\"\s?[:,]|\"\"\""
)
_LETTER = re.compile(r"[^\W\d_]")


def windows(text: str) -> list[Span]:
    """Overlapping spans of at most WINDOW characters, cut at blanks where there are any; all of the text."""
    found, start = [], 0
    while len(text) - start > WINDOW:
        end = text.rfind(" ", start + WINDOW - OVERLAP, start + WINDOW) + 1 or start + WINDOW
        found.append((start, end))
        start = end - OVERLAP
    return [*found, (start, len(text))]


def pieces(text: str) -> list[Span]:
    """Spans of the sentences, list items, cells, comments and quoted values that are long enough to say something."""
    return [
        (start, end)
        for block in sentence_spans(text)
        for cut in _cut(text, *block)
        for start, end in _short(*cut)
        if _says_something(text, start, end)
    ]


def _cut(text: str, start: int, end: int) -> Iterator[Span]:
    for mark in _CUT.finditer(text, start, end):
        yield start, mark.start()
        start = mark.end()
    yield start, end


def _short(start: int, end: int) -> Iterator[Span]:
    """At most LONGEST characters each; the cut ones overlap by half."""
    while end - start > LONGEST:
        yield start, start + LONGEST
        start += LONGEST // 2
    yield start, end


def _says_something(text: str, start: int, end: int) -> bool:
    if end - start < 5:
        return False
    letters = 0
    for match in _LETTER.finditer(text, start, end):
        letters += 1 if match[0] < "\u2e80" else 3  # a Chinese sign is about a word
        if letters >= SHORTEST:
            return True
    return False
