"""A text as a detector should read it, with the way back to the text as it was written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

Piece = tuple[str, int, int]
"""What is read, and the characters from start to end (exclusive) that it was written with."""


@dataclass(frozen=True, slots=True)
class View:
    """`text` and, for each of its characters, where it begins and ends in the original.

    `starts` and `ends` are None where every character stands for itself.
    """

    text: str
    how: tuple[str, ...] = ()
    starts: list[int] | None = None
    ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The smallest span of the original that holds the characters from start to end (exclusive)."""
        if self.starts is None or self.ends is None:
            return start, end
        if start >= end:
            at = self.starts[start] if start < len(self.starts) else (self.ends[-1] if self.ends else 0)
            return at, at
        return self.starts[start], self.ends[end - 1]


def rewritten(view: View, how: str, pieces: Iterable[Piece]) -> View:
    """A view made of `pieces`, whose offsets are those of `view`; each character of a piece stands for all of it."""
    starts: list[int] = []
    ends: list[int] = []
    read: list[str] = []
    for text, start, end in pieces:
        first, last = view.span(start, end)
        read.append(text)
        if len(text) == end - start:  # a letter for a letter: exact offsets
            starts.extend(view.starts[start:end] if view.starts else range(start, end))
            ends.extend(view.ends[start:end] if view.ends else range(start + 1, end + 1))
        else:
            starts.extend([first] * len(text))
            ends.extend([last] * len(text))
    ends = list(accumulate(ends, max))  # decoded groups may overlap; a span must never turn round
    return View("".join(read), (*view.how, how), starts, ends)


def around(text: str, changed: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces of the whole `text`, in order: what was `changed`, the rest as it is."""
    at = 0
    for read, start, end in changed:
        yield text[at:start], at, start
        yield read, start, end
        at = end
    yield text[at:], at, len(text)
