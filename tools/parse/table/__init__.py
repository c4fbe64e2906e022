"""Cells to the lines of a table: title and notes apart, header rows joined to one."""

import re
from bisect import bisect_left
from collections.abc import Mapping

from tools.parse.document import Block, Kind
from tools.parse.table.header import count_header_rows, joined_header

Rows = list[list[str]]
Spans = Mapping[tuple[int, int], tuple[int, int]]  # (row, column) of a merged cell to its height and width

_NOTE = re.compile(r"[*†‡§¹²³]|\(?\d\)|(?:source|note|remark|legend)s?\b", re.I)
_LONG = 60  # characters; a lone cell with more, below a table, is no row label
_MOST_FILLED = 1_000_000  # cells that merged ones may fill in a table
_LONGEST_REPEATED = 200  # characters of a merged cell that is repeated


def table_blocks(
    rows: Rows, spans: Spans | None = None, page: int | None = None, header: int | None = None
) -> list[Block]:
    """The blocks of one table: its first line names the columns, each further line is a row.

    `header` is the number of header rows, found out where None and one where none is found. Rows may differ in
    length; merged cells are repeated; lone cells above become a caption, notes below a paragraph.
    """
    grid = squared(rows)
    keep = [column for column, cells in enumerate(zip(*grid, strict=True)) if any(cells)]
    if not keep:
        return []
    spans = _kept(spans or {}, keep)
    if len(keep) < len(grid[0]):
        grid = [[row[column] for column in keep] for row in grid]
    across = {top for (top, _), (_, width) in spans.items() if width == len(keep) > 1}
    fill_merged(grid, {place: size for place, size in spans.items() if place[0] not in across})
    first, last = _above(grid, across), _below(grid, across)
    if first >= last:
        first, last = 0, len(grid)
    below = {(top - first, left): size for (top, left), size in spans.items() if first <= top < last}
    depth = None if header is None else header - first
    return [
        *_lone(grid[:first], "caption", page),
        _table(grid[first:last], below, page, depth),
        *_lone(grid[last:], "paragraph", page),
    ]


def squared(rows: Rows) -> Rows:
    """`rows` with cells on one line, all as long as the longest."""
    width = max(map(len, rows), default=0)
    return [[*map(one_line, row), *[""] * (width - len(row))] for row in rows]


def one_line(text: str) -> str:
    """A cell on one line; the mark between cells cannot stand inside one."""
    return " ".join(text.split()).replace(" | ", " ¦ ")


def fill_merged(grid: Rows, spans: Spans) -> None:
    """Repeat each merged cell in all the places it covers, as long as that stays in proportion."""
    left_to_fill = _MOST_FILLED
    for (top, left), (height, width) in spans.items():
        if top >= len(grid) or left >= len(grid[top]) or len(grid[top][left]) > _LONGEST_REPEATED:
            continue
        width = min(width, len(grid[top]) - left)
        left_to_fill -= min(height, len(grid) - top) * width
        if left_to_fill < 0:
            return
        for row in grid[top : top + height]:
            row[left : left + width] = [grid[top][left]] * width


def _kept(spans: Spans, keep: list[int]) -> Spans:
    """`spans` in a grid of the columns in `keep` only."""
    moved: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (height, width) in spans.items():
        start, end = bisect_left(keep, left), bisect_left(keep, left + width)
        if start < end:
            moved[top, start] = (height, end - start)
    return moved


def _above(grid: Rows, across: set[int]) -> int:
    """The number of title rows: lone cells before the first row of two, where rows of two follow."""
    for index, row in enumerate(grid):
        if len(row) < 2 or not (index in across or not any(row[1:])):
            return index
    return 0


def _below(grid: Rows, across: set[int]) -> int:
    """The row at which notes begin: lone cells after the last row of two."""
    end = len(grid)
    while end > 1 and len(grid[0]) > 1:
        cell, others = grid[end - 1][0], any(grid[end - 1][1:])
        if others or not (not cell or end - 1 in across or _NOTE.match(cell) or len(cell) > _LONG):
            break
        end -= 1
    return end


def _lone(grid: Rows, kind: Kind, page: int | None) -> list[Block]:
    lines = [cell for row in grid for cell in row if cell]
    return [Block(kind, "\n".join(lines), 0, page)] if lines else []


def _table(grid: Rows, spans: Spans, page: int | None, header: int | None) -> Block:
    if header is None or not 0 < header <= len(grid):
        header = count_header_rows(grid, spans) or 1
    lines = [joined_header(grid, header)]
    # A section's title inside a table is a line of its own.
    lines += [row if any(row[1:]) else row[:1] for row in grid[header:] if any(row)]
    return Block("table", "\n".join(" | ".join(line) for line in lines), 0, page)
