"""Running heads, running feet and page numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import groupby

from tools.parse.pdf.lines import Line
from tools.parse.pdf.page import Part

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_ZONE = 0.15  # of the height of a page, at its top and its bottom
_FAR = 0.25  # the same for the page number that ends a page
_MOST_ROWS = 5
_BIGGER = 1.3  # times the body size: a heading, though it comes back at the same place
_STEP = 6.0  # points within which a place is the same

Form = tuple[str, int]


def without_running_heads(pages: Sequence[list[Part]], heights: Sequence[float], body: float) -> list[Part]:
    """The parts of all pages without lines that three pages, or half of them, have at one place of their edge.

    Numbers may differ from page to page. A page that has nothing else keeps them; files of fewer than three pages
    lose their page numbers only.
    """
    edges = [_edge_rows(parts, height) for parts, height in zip(pages, heights, strict=True)]
    counts: Counter[Form] = Counter()
    for ends in edges:
        counts.update({form for rows in ends for row in rows for line in row for form in _forms(line)})
    least = max(2, min(3, -(-len(pages) // 2)))
    running = {
        form for form, count in counts.items() if count >= least and (len(pages) > 2 or _is_number(form[0]))
    }
    kept: list[Part] = []
    for parts, ends in zip(pages, edges, strict=True):
        dropped = {line for rows in ends for line in _heads(rows, running, _BIGGER * body)}
        left = [part for part in parts if not (isinstance(part, Line) and part in dropped)]
        kept += left or [line for line in dropped if not _is_number(_form(line))]
    return kept


def _edge_rows(parts: Sequence[Part], height: float) -> tuple[list[list[Line]], list[list[Line]]]:
    """Lines side by side near the top and near the bottom of a page, the outermost first."""
    lines = sorted((part for part in parts if isinstance(part, Line)), key=lambda line: line.bottom)
    rows = [list(row) for _, row in groupby(lines, lambda line: round(line.bottom / _STEP))]
    top, bottom = rows[:_MOST_ROWS], rows[: -_MOST_ROWS - 1 : -1]
    return (
        [row for row in top if row[0].bottom < _zone(row) * height],
        [row for row in bottom if row[0].top > (1 - _zone(row)) * height],
    )


def _zone(row: Sequence[Line]) -> float:
    return _FAR if len(row) == 1 and _is_number(_form(row[0])) else _ZONE


def _heads(rows: Sequence[Sequence[Line]], running: set[Form], largest: float) -> Iterator[Line]:
    """The lines that come back, from the edge inwards as far as a row has one."""
    for row in rows:
        found = [line for line in row if line.size <= largest and not running.isdisjoint(_forms(line))]
        if not found:
            return
        yield from found


def _forms(line: Line) -> Iterator[Form]:
    """What a running head keeps from page to page: its words and its height (in two grids that overlap)."""
    form = _form(line)
    yield form, 2 * round(line.top / _STEP)
    yield form, 2 * int(line.top / _STEP) + 1


def _form(line: Line) -> str:
    return _NUMBER.sub("#", line.text.strip())


def _is_number(form: str) -> bool:
    """Whether a line is a page number, with or without a word or two around it."""
    return "#" in form and len(form) <= 16
