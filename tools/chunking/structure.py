"""Documents to chunks: passages of about 200 words that respect headings, lists, tables and sentences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import ceil

from tools.parse.document import Document, Element
from tools.sentences import sentence_spans

# Scripts without blanks count two characters a word; runs longer than 30 (links, keys) count as several.
_WORD = re.compile(
    r"[\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]{1,2}"
    r"|[^\s\u2e80-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff]{1,30}"
)
_TINY = 40  # words; a section below this joins the next one of its level or below
_LONGEST_HEADING = 300  # characters of a heading or table header that chunks carry along


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `text == document.text[start:end]`, its heading path and the page (from 1) it begins on."""

    ordinal: int
    start: int
    end: int
    text: str
    headings: tuple[str, ...]
    page: int | None

    read: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A span that is never cut; `leads` where it must not stand apart from the next piece."""

    start: int
    end: int
    words: int
    path: tuple[str, ...]
    page: int | None
    header: str = ""
    leads: bool = False


Placed = tuple[Element, tuple[str, ...]]  # an element and the heading path it stands under


def count_words(text: str) -> int:
    """Words of `text` as the size of a chunk counts them."""
    return len(_WORD.findall(text))


def chunk(document: Document, words: int = 200) -> list[Chunk]:
    """The chunks of `document` in order, of at most 1.25 `words` each; only blanks lie between them.

    A heading of level 1 or 2 begins a new chunk unless the section before it is tiny. A chunk that begins
    inside a table has the table's header as last heading. The document's title is in no heading path.
    """
    most = words + words // 4
    headed = {element.start for element in document.elements if element.kind == "heading"}
    chunks: list[Chunk] = []
    for section in _sections(document):
        for pieces in _packed(_groups(document.text, section, most), words, most):
            start, end = pieces[0].start, pieces[-1].end
            # A heading that stands in the text need not be named; the one a chunk goes on under must be.
            path = _shared([piece.path for piece in pieces]) if start in headed else pieces[0].path
            headings = (*path, pieces[0].header) if pieces[0].header else path
            chunks.append(Chunk(len(chunks), start, end, document.text[start:end], headings, pieces[0].page, (start, end)))
    return chunks


def _shared(paths: Sequence[tuple[str, ...]]) -> tuple[str, ...]:
    """The part of the heading paths that all of them begin with."""
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return tuple(level[0] for level in levels)


def _placed(document: Document) -> Iterator[Placed]:
    """Each element with its heading path; a heading stands under itself."""
    path: list[tuple[int, str]] = []
    for element in document.elements:
        if element.kind == "heading":
            heading = document.text[element.start : element.end][:_LONGEST_HEADING]
            path = [above for above in path if above[0] < element.level]
            if element.level > 1 or heading.casefold() != document.title.casefold():
                path.append((element.level, heading))
        yield element, tuple(heading for _, heading in path)


def _sections(document: Document) -> Iterator[list[Placed]]:
    """The elements between headings of level 1 or 2; a tiny section goes with its next sibling or child."""
    section: list[Placed] = []
    level = words = 0
    for placed in _placed(document):
        element = placed[0]
        opens = element.kind == "heading" and element.level <= 2
        if opens and section and (words >= _TINY or element.level < level):
            yield section
            section, words = [], 0
        if opens and not section:
            level = element.level
        section.append(placed)
        words += count_words(document.text[element.start : element.end])
    if section:
        yield section


def _groups(text: str, section: Sequence[Placed], most: int) -> Iterator[list[_Piece]]:
    """The pieces of each element, with the headings and the lead-in ("...:") that stand before it."""
    pieces: list[_Piece] = []
    for index, (element, path) in enumerate(section):
        after = section[index + 1][0].kind if index + 1 < len(section) else "paragraph"
        leads = element.kind == "heading" or (after != "paragraph" and text[element.end - 1] == ":")
        pieces += _pieces(text, element, path, most, leads)
        if not leads:
            yield _glued(pieces, most)
            pieces = []
    if pieces:
        yield _glued(pieces, most)


def _pieces(text: str, element: Element, path: tuple[str, ...], most: int, leads: bool) -> list[_Piece]:
    spans = list(_spans(text, element, most))
    pieces = [_Piece(*span, count_words(text[slice(*span)]), path, element.page) for span in spans]
    if element.kind == "table":
        first_row = text[element.start : element.end].split("\n", 1)[0]
        header = f"Header: {first_row}"[:_LONGEST_HEADING]
        below = element.start + len(first_row)
        pieces = [replace(piece, header=header) if piece.start > below else piece for piece in pieces]
        pieces[0] = replace(pieces[0], leads=True)
    if leads:
        pieces[-1] = replace(pieces[-1], leads=True)
    return pieces


def _glued(pieces: Sequence[_Piece], most: int) -> list[_Piece]:
    """`pieces` with those that lead to the next one joined to it, where both fit into a chunk."""
    glued: list[_Piece] = []
    for piece in reversed(pieces):
        if piece.leads and glued and piece.words + glued[-1].words <= most:
            after = glued.pop()
            piece = replace(piece, end=after.end, words=piece.words + after.words, path=after.path)
        glued.append(piece)
    return glued[::-1]


def _packed(groups: Iterable[list[_Piece]], words: int, most: int) -> Iterator[list[_Piece]]:
    """The pieces of a section shared out to chunks of like size, whole groups where they fit."""
    counted = [(group, sum(piece.words for piece in group)) for group in groups]
    left = sum(amount for _, amount in counted)
    target = _share(left, words, most)
    held: list[_Piece] = []
    size = 0
    for group, amount in counted:
        whole = amount <= most and (size * 2 >= target or _fits(size, amount, target, most))
        for unit in [group] if whole else [[piece] for piece in group]:
            more = sum(piece.words for piece in unit)
            if held and not _fits(size, more, target, most):
                yield held
                left -= size
                held, size, target = [], 0, _share(left, words, most)
            held += unit
            size += more
    if held:
        yield held


def _share(left: int, words: int, most: int) -> float:
    """The size of the next chunk, where `left` words are shared out evenly."""
    return left / max(1, round(left / words), ceil(left / most))


def _fits(size: int, more: int, target: float, most: int) -> bool:
    """Whether a chunk of `size` words comes nearer to `target` with `more` words than without."""
    return size + more <= most and size + more / 2 <= target


def _spans(text: str, element: Element, most: int) -> Iterator[tuple[int, int]]:
    """The natural parts of an element: items, rows, lines or sentences; longer ones cut further."""
    for start, end in _parts(text, element):
        if count_words(text[start:end]) <= most:
            yield start, end
            continue
        for a, b in sentence_spans(text[start:end]):
            words = [match.span() for match in _WORD.finditer(text, start + a, start + b)]
            for first in range(0, len(words), most):
                yield words[first][0], words[first : first + most][-1][1]


def _parts(text: str, element: Element) -> list[tuple[int, int]]:
    start, end = element.start, element.end
    if element.kind == "heading":
        return [(start, end)]
    if element.kind == "paragraph":
        return [(start + a, start + b) for a, b in sentence_spans(text[start:end])]
    # An item of a list holds the indented lines below it; a row or a line of code stands alone.
    line = r"\S.*(?:\n[^\S\n].*)*" if element.kind == "list" else r"\S.*"
    return [match.span() for match in re.compile(line).finditer(text, start, end)]
