"""Which lines of a PDF are headings: those its outline names, larger ones, bold ones."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from tools.parse.pdf.lines import Line

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_BULLET = re.compile(r"[•◦▪‣●○■\uf0b7\uf0a7]|[-–*]\s")
_NUMBERED = re.compile(r"(\d+(?:\.\d+)*)\.?\s+\S")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_BIGGER = 1.15  # times the body size
_SAME = 0.94  # of a size: below that another one
_LONGEST = 150  # characters
_MOST_TITLES = 20_000  # of an outline

Outline = Mapping[tuple[int, str], int]


class Style(NamedTuple):
    """The type size of the text, the larger sizes from the largest, and whether the text is bold."""

    body: float
    bigger: list[float]
    bold: bool


def style_of(lines: Sequence[Line]) -> Style:
    """The style of a document by the number of its characters."""
    sizes: Counter[float] = Counter()
    bold = 0
    for line in lines:
        sizes[line.size] += len(line.text)
        bold += len(line.text) * line.bold
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    larger = [line for line in lines if line.size >= body * _BIGGER]
    inside = [line for line in larger if line.page > 1] or larger  # a title page has sizes of its own
    bigger: list[float] = []
    for size in sorted({line.size for line in inside}, reverse=True):
        if not bigger or size < _SAME * bigger[-1]:
            bigger.append(size)
    return Style(body, bigger, bold * 2 > sizes.total())


def outline_of(pdf: "PdfDocument") -> dict[tuple[int, str], int]:
    """Level (from 1) by page (from 1) and letters of each title in the outline."""
    found: dict[tuple[int, str], int] = {}
    for item in islice(pdf.get_toc(max_depth=6), _MOST_TITLES):
        target = item.get_dest()
        page = target.get_index() if target else None
        letters = _letters(item.get_title())
        if page is not None and len(letters) > 1:
            found[page + 1, letters] = min(item.level + 1, 6)
    return found


def _letters(text: str) -> str:
    return _NOT_LETTERS.sub("", text).casefold()


def levels_of(lines: Sequence[Line], style: Style, outline: Outline) -> list[int]:
    """The heading level of each line, 0 for text."""
    levels: list[int] = []
    for index, line in enumerate(lines):
        level = _level(line, style, outline)
        if level and line.size < style.body * _BIGGER and index and not levels[-1]:
            level = 0 if _goes_on(lines[index - 1], line) else level
        levels.append(level)
    return levels


def _level(line: Line, style: Style, outline: Outline) -> int:
    letters = _letters(line.text)
    if len(line.text) > _LONGEST or not letters or _BULLET.match(line.text):
        return 0
    if (line.page, letters) in outline and (line.bold or line.size > style.body or len(line.text) < 80):
        return outline[line.page, letters]
    if line.size >= style.body * _BIGGER:
        return min(1 + sum(line.size < _SAME * size for size in style.bigger), 6)
    if line.bold and not style.bold and line.size >= style.body and line.text[-1] not in ".,;:":
        numbered = _NUMBERED.match(line.text)
        return min(len(style.bigger) + (numbered[1].count(".") if numbered else 0) + 1, 6)
    return 0


def _goes_on(before: Line, line: Line) -> bool:
    """Whether a line goes on with the sentence of the one above it."""
    near = before.page == line.page and 0 < line.bottom - before.bottom < 1.4 * line.size
    return near and not before.bold and before.text[-1] not in ".!?:;"
