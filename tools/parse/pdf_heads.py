"""Running heads, running feet and page numbers."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from tools.parse.pdf_lines import Line
from tools.parse.pdf_page import Part

_NUMBER = re.compile(r"\d+|\b[ivxlc]+\b")
_ZONE = 0.15  # of the height of a page, at its top and its bottom
_FAR = 0.25  # the same for the page number that ends a page
_EDGE_LINES = 3
_BIGGER = 1.3  # times the body size: a heading, though it comes back at the same place
_STEP = 6.0  # points within which a place is the same


def without_running_heads(pages: Sequence[list[Part]], heights: Sequence[float], body: float) -> list[Part]:
    """The parts of all pages without lines that three pages, or half of them, have at one place of their edge.

    Numbers may differ from page to page. A page that has nothing else keeps them; files of fewer than three pages
    lose their page numbers only.
    """
    edges = [_edge_lines(parts, height, body) for parts, height in zip(pages, heights, strict=True)]
    counts = Counter(form for edge in edges for form in {form for line in edge for form in _forms(line)})
    least = max(2, min(3, -(-len(pages) // 2)))
    running = {
        form for form, count in counts.items() if count >= least and (len(pages) > 2 or _is_number(form[0]))
    }
    kept: list[Part] = []
    for parts, edge in zip(pages, edges, strict=True):
        dropped = {line for line in edge if not running.isdisjoint(_forms(line))}
        left = [part for part in parts if not (isinstance(part, Line) and part in dropped)]
        kept += left or [line for line in edge if not _is_number(_NUMBER.sub("#", line.text))]
    return kept


def _edge_lines(parts: Sequence[Part], height: float, body: float) -> list[Line]:
    """The first and last lines of a page that stand near its edge and are no larger than its text."""
    lines = sorted((part for part in parts if isinstance(part, Line)), key=lambda line: line.top)
    top = [line for line in lines[: 2 * _EDGE_LINES] if line.bottom < _ZONE * height]
    bottom = [line for line in lines[-2 * _EDGE_LINES :] if line.top > (1 - _ZONE) * height]
    ends = [line for line in (*lines[:1], *lines[-1:]) if _is_number(_NUMBER.sub("#", line.text))]
    far = [line for line in ends if not _FAR * height < line.top < (1 - _FAR) * height]
    return [line for line in {*top, *bottom, *far} if line.size <= _BIGGER * body]


def _forms(line: Line) -> Iterator[tuple[str, int]]:
    """What a running head keeps from page to page: its words and its height (in two grids that overlap)."""
    form = _NUMBER.sub("#", line.text.strip())
    yield form, 2 * round(line.top / _STEP)
    yield form, 2 * int(line.top / _STEP) + 1


def _is_number(form: str) -> bool:
    """Whether a line is a page number, with or without a word or two around it."""
    return "#" in form and len(form) <= 16
