"""The natural parts of a document, that no chunk cuts: sentences, items, rows, lines."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tools.chunking.chunk import Span, count_words, runs
from tools.parse.document import Element
from tools.sentences import sentence_spans


@dataclass(frozen=True, slots=True)
class Piece:
    """A span of a document and its number of words; `leads` where it must not stand apart from the next piece."""

    start: int
    end: int
    words: int
    leads: bool = False


def groups(text: str, elements: Sequence[Element], most: int) -> Iterator[list[Piece]]:
    """The pieces of each element, of at most `most` words, with the headings and lead-in ("...:") before it."""
    pieces: list[Piece] = []
    for index, element in enumerate(elements):
        after = elements[index + 1].kind if index + 1 < len(elements) else "paragraph"
        leads = element.kind == "heading" or (after != "paragraph" and text[element.end - 1] == ":")
        pieces += _pieces(text, element, most, leads)
        if not leads:
            yield _glued(pieces, most)
            pieces = []
    if pieces:
        yield _glued(pieces, most)


def _pieces(text: str, element: Element, most: int, leads: bool) -> list[Piece]:
    pieces = [Piece(start, end, count_words(text[start:end])) for start, end in _spans(text, element, most)]
    if element.kind == "table" and pieces:
        pieces[0] = replace(pieces[0], leads=True)
    if leads and pieces:
        pieces[-1] = replace(pieces[-1], leads=True)
    return pieces


def _glued(pieces: Sequence[Piece], most: int) -> list[Piece]:
    """`pieces` with those that lead to the next one joined to it, where both fit into a chunk."""
    glued: list[Piece] = []
    for piece in reversed(pieces):
        if piece.leads and glued and piece.words + glued[-1].words <= most:
            after = glued.pop()
            piece = replace(piece, end=after.end, words=piece.words + after.words)
        glued.append(piece)
    return glued[::-1]


def _spans(text: str, element: Element, most: int) -> Iterator[Span]:
    """The natural parts of an element; one that is too long is cut into sentences, and these into words."""
    for start, end in _parts(text, element):
        if count_words(text[start:end]) <= most:
            yield start, end
            continue
        for a, b in sentence_spans(text[start:end]):
            yield from runs(text, start + a, start + b, most)


def _parts(text: str, element: Element) -> list[Span]:
    start, end = element.start, element.end
    if element.kind == "heading":
        return [(start, end)]
    if element.kind in ("paragraph", "caption", "image"):
        return [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
    # An item of a list holds the indented lines below it; a row or a line of code stands alone.
    line = r"\S.*(?:\n[^\S\n].*)*" if element.kind == "list" else r"\S.*"
    return [match.span() for match in re.compile(line).finditer(text, start, end)]
