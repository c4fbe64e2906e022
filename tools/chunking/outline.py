"""From spans to chunks: the heading path, table header and page of each."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile

from tools.chunking.chunk import Chunk, Span
from tools.chunking.wide_table import Part, header_row, short_header, wide_parts
from tools.parse.document import Document

_LONGEST_HEADING = 300  # characters of a heading that chunks carry along

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Outline:
    """The elements' starts and heading paths, tables' headers by element, and the parts of wide tables, in order."""

    document: Document
    starts: Sequence[int]
    paths: Sequence[Path]
    headers: Mapping[int, str | None]
    parts: Sequence[Part]
    part_starts: Sequence[int]
    cuts: Sequence[int]
    page_starts: Sequence[int]


def to_chunks(document: Document, spans: Iterable[tuple[Span, Span]]) -> list[Chunk]:
    """The chunks of `document` at `spans`, each with the span that is read for it.

    A heading that stands in a chunk is not in its path. A chunk that begins inside a table carries the table's
    header; where that is too long, the chunk is cut into rows or columns that each carry their part of it.
    What is read begins inside a table only where the chunk does, so that rows are never read without their header.
    """
    outline = _outline(document)
    text = document.text
    cut = [(part, read) for span, read in spans for part in _cut(outline, span)]
    return [
        Chunk(
            ordinal,
            start,
            end,
            text[start:end],
            (*_path(outline, start, end), *_header(outline, start)),
            bisect_right(outline.page_starts, start) or None,
            _read(outline, (start, end), read),
        )
        for ordinal, ((start, end), read) in enumerate(cut)
    ]


def _outline(document: Document) -> _Outline:
    tables = {index: element for index, element in enumerate(document.elements) if element.kind == "table"}
    headers = {index: short_header(header_row(document.text, table)) for index, table in tables.items()}
    parts: list[Part] = []
    cuts: list[int] = []
    for table in (table for index, table in tables.items() if headers[index] is None):
        own = wide_parts(document.text, table)
        parts += own
        cuts += [part.start for part in own] + [table.end]
    return _Outline(
        document,
        [element.start for element in document.elements],
        list(_paths(document)),
        headers,
        parts,
        [part.start for part in parts],
        cuts,
        document.page_starts,
    )


def _paths(document: Document) -> Iterator[Path]:
    """The heading path of each element; a heading stands under itself. The document's title is in no path."""
    path: list[tuple[int, str]] = []
    for element in document.elements:
        if element.kind == "heading":
            heading = document.text[element.start : element.end][:_LONGEST_HEADING]
            path = [above for above in path if above[0] < element.level]
            if element.level > 1 or heading.casefold() != document.title.casefold():
                path.append((element.level, heading))
        yield tuple(heading for _, heading in path)


def _cut(outline: _Outline, span: Span) -> Iterator[Span]:
    """The span, cut where a part of a wide table begins or ends."""
    start, end = span
    first = bisect_right(outline.cuts, start)
    while first < len(outline.cuts) and outline.cuts[first] < end:
        yield from _stripped(outline.document.text, start, outline.cuts[first])
        start = outline.cuts[first]
        first += 1
    yield from _stripped(outline.document.text, start, end)


def _stripped(text: str, start: int, end: int) -> Iterator[Span]:
    part = text[start:end]
    if words := part.strip():
        start += len(part) - len(part.lstrip())
        yield start, start + len(words)


def _read(outline: _Outline, span: Span, read: Span) -> Span:
    """What is read for a chunk at `span`, without rows whose header it neither holds nor carries."""
    start, end = min(span[0], read[0]), max(span[1], read[1])
    own, first = _table_around(outline, span[0]), _table_around(outline, start)
    if own is not None and outline.headers[own] is None:
        return span
    if first is not None and first != own:
        start = outline.starts[first + 1]
    return start, end


def _table_around(outline: _Outline, place: int) -> int | None:
    """The element that is a table and goes on at `place`, if there is one."""
    index = bisect_right(outline.starts, place) - 1
    begun = index in outline.headers and outline.starts[index] < place
    return index if begun and place < outline.document.elements[index].end else None


def _path(outline: _Outline, start: int, end: int) -> Path:
    """Of the element in which the span begins; where that is a heading, what all below have in common."""
    elements = outline.document.elements
    first = max(0, bisect_right(outline.starts, start) - 1)
    if elements[first].kind != "heading" or start > elements[first].start:
        return outline.paths[first]
    stop = bisect_right(outline.starts, end - 1)
    inside = [index for index in range(first, stop) if elements[index].kind != "heading"]
    return _shared([outline.paths[index] for index in inside or [stop - 1]])


def _shared(paths: Sequence[Path]) -> Path:
    """The part of the heading paths that all of them begin with."""
    levels = takewhile(lambda level: len(set(level)) == 1, zip(*paths, strict=False))
    return tuple(level[0] for level in levels)


def _header(outline: _Outline, start: int) -> Path:
    """The header of the table that the span begins in, unless it begins with it."""
    table = _table_around(outline, start)
    if table is None:
        return ()
    header = outline.headers[table]
    if header is not None:
        return (header,)
    part = bisect_right(outline.part_starts, start) - 1
    below = part >= 0 and outline.part_starts[part] > outline.starts[table]
    return outline.parts[part].headings if below else ()
