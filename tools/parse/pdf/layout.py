"""From the lines and tables of a PDF to headings, paragraphs, lists, captions and tables."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from statistics import median

from tools.parse.document import Block
from tools.parse.pdf.grid_table import Table
from tools.parse.pdf.headings import Outline, Style, levels_of
from tools.parse.pdf.lines import Line
from tools.parse.pdf.page import Part
from tools.parse.pdf.tables import without_repeated_headers

_BULLET = re.compile(r"\A(?:[•◦▪‣●○■\uf0b7\uf0a7]\s*|[-–*]\s+)")
_ITEM = re.compile(r"(?:[•◦▪‣●○■\uf0b7\uf0a7]|[-–*]\s|\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]\s)\s*")
_CAPTION = re.compile(
    r"(?:fig(?:ure|\.)?|table|chart|exhibit|plate|listing|scheme|abb(?:ildung|\.)|tab(?:elle|\.)|tableau|figura|tabla)"
    r"\s*(?:[A-Z][.-]?)?\d+(?:[.-]\d+)*[a-z]?\s*(?:[.:|–—]|-\s|\Z|(?-i:[A-Z]))",
    re.IGNORECASE,
)
_ENTRY = re.compile(r"\s*(?:\.{4,}|(?:\. ){3,}\.?)\s*(?=\w{1,6}\Z)")
_LONGEST_CAPTION = 600  # characters
_WORD = re.compile(r"\w+")
_CUT_WORD = re.compile(r"(\w+)[-\u00ad\x02\ufffe]\Z")


def blocks_of(parts: Sequence[Part], style: Style, outline: Outline) -> Iterator[Block]:
    """The blocks of a document in the order of its parts."""
    lines = [part for part in parts if isinstance(part, Line)]
    step = _usual_step(lines)
    words = set(re.findall(r"\w+-\w+", " ".join(line.text for line in lines)))
    for is_table, group in groupby(without_repeated_headers(parts), lambda part: isinstance(part, Table)):
        if is_table:
            for table in group:
                yield from _table_blocks(table)
        else:
            yield from _line_blocks(
                [part for part in group if isinstance(part, Line)], style, outline, step, words
            )


def _table_blocks(table: Part) -> Iterator[Block]:
    if isinstance(table, Table):
        if table.title:
            yield Block("caption", table.title, 0, table.page)
        rows = [" | ".join(cell.replace("|", "/") for cell in row) for row in table.rows]
        yield Block("table", "\n".join(rows), 0, table.page)


def _line_blocks(
    lines: Sequence[Line], style: Style, outline: Outline, step: float, words: set[str]
) -> Iterator[Block]:
    levels = levels_of(lines, style, outline)
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or levels[end] != levels[start] or _breaks(lines, start, end, step):
            yield _block(lines[start:end], levels[start], words)
            start = end


def _usual_step(lines: Sequence[Line]) -> float:
    """The usual distance in points from one line to the next."""
    steps = [b.bottom - a.bottom for a, b in pairwise(lines) if a.page == b.page]
    return median([step for step in steps if step > 1] or [12.0])


def _breaks(lines: Sequence[Line], start: int, at: int, step: float) -> bool:
    """Whether line `at` begins a new block after the one that began at `start`."""
    before, line = lines[at - 1], lines[at]
    ended = before.text.rstrip()[-1:] in ".!?:;"
    distance = line.bottom - before.bottom
    if _is_item(line) and not _is_item(lines[start]):
        return True
    if _CAPTION.match(line.text) and (ended or distance > 1.15 * step):
        return True
    if line.page != before.page or distance < -step:  # the next page or column
        return ended or not line.text[:1].islower() or before.page > lines[start].page
    if distance > 1.4 * step and distance > 1.4 * before.size:
        return True
    if abs(line.size - before.size) > 0.15 * max(line.size, before.size):
        return True
    right = max(part.right for part in lines[max(start, at - 8) : at])
    short = before.right < line.left + 0.75 * (right - line.left)
    return not _is_item(line) and ended and (short or line.left > before.left + line.size)


def _block(lines: Sequence[Line], level: int, words: set[str]) -> Block:
    page = lines[0].page
    if level:
        return Block("heading", joined(lines, words), level, page)
    if _CAPTION.match(lines[0].text) and sum(len(line.text) for line in lines) <= _LONGEST_CAPTION:
        return Block("caption", joined(lines, words), 0, page)
    if not _is_item(lines[0]):
        return Block("paragraph", joined(lines, words), 0, page)
    starts = [index for index, line in enumerate(lines) if _is_item(line)]
    items = [joined(lines[a:b], words) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    tidy = [_ENTRY.sub(" … ", _BULLET.sub("- ", item, count=1)) for item in items]
    return Block("list", "\n".join(tidy), 0, page)


def _is_item(line: Line) -> bool:
    """Whether a line begins an item of a list, or is an entry of a table of contents."""
    return bool(_ITEM.match(line.text) or _ENTRY.search(line.text))


def joined(lines: Sequence[Line], words: set[str]) -> str:
    """The lines as one; a word cut at a line end is put together, unless `words` has it with a hyphen."""
    parts: list[str] = []
    before = ""
    for line in lines:
        cut, rest = _CUT_WORD.search(before), _WORD.match(line.text)
        if cut and rest and line.text[0].islower():
            hyphen = "-" if f"{cut[1]}-{rest[0]}" in words else ""
            parts[-1] = before[: cut.end(1)] + hyphen
        elif parts:
            parts.append(" ")
        parts.append(line.text)
        before = line.text
    return "".join(parts)
