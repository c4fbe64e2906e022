"""Cells to the lines of a table: title and notes apart, header rows joined to one, rows with their labels."""

import re
from collections.abc import Mapping

from tools.parse.document import Block
from tools.parse.table_columns import shared_out
from tools.parse.table_header import count_header_rows, joined_header
from tools.parse.table_rows import labelled

Rows = list[list[str]]
Spans = Mapping[tuple[int, int], tuple[int, int]]  # (row, column) of a merged cell to its height and width

_NOTE = re.compile(r"[*†‡§¹²³]|\(?\d\)|(?:source|note|remark|legend)s?\b", re.I)
_LONG = 60  # characters; a lone cell with more, below a table, is no row label
_MOST_NAME = 80  # characters of a column's name that its header shows


def table_blocks(
    rows: Rows, spans: Spans | None = None, page: int | None = None, header: int | None = None
) -> list[Block]:
    """The blocks of one table: its first line names the columns, each further line is a row with its label.

    `header` is the number of header rows, found out where None. Rows may differ in length; merged cells are
    repeated; columns are numbered where no header is found; lone cells above become a caption, notes below
    a paragraph; a very wide table becomes several, each with the row labels.
    """
    grid = squared(rows)
    keep = [column for column in range(len(grid[0]) if grid else 0) if any(row[column] for row in grid)]
    if not keep:
        return []
    spans = _kept(spans or {}, keep)
    grid = [[row[column] for column in keep] for row in grid]
    across = {top for (top, _), (_, width) in spans.items() if width == len(keep) > 1}
    fill_merged(grid, {place: size for place, size in spans.items() if place[0] not in across})
    first, last = _above(grid, across), _below(grid, across)
    if first >= last:
        first, last = 0, len(grid)
    below = {(top - first, left): size for (top, left), size in spans.items() if first <= top < last}
    body = _body(grid[first:last], below, page, header if header is None else max(header - first, 0))
    return [*_lone(grid[:first], "caption", page), *body, *_lone(grid[last:], "paragraph", page)]


def squared(rows: Rows) -> Rows:
    """`rows` with cells on one line, all as long as the longest."""
    width = max(map(len, rows), default=0)
    return [[one_line(cell) for cell in row] + [""] * (width - len(row)) for row in rows]


def one_line(text: str) -> str:
    """A cell on one line; the mark between cells cannot stand inside one."""
    return " ".join(text.replace("|", "¦").split())


def fill_merged(grid: Rows, spans: Spans) -> None:
    """Repeat each merged cell in all the places it covers."""
    for (top, left), (height, width) in spans.items():
        if top < len(grid) and left < len(grid[top]):
            for row in grid[top : top + height]:
                row[left : left + width] = [grid[top][left]] * len(row[left : left + width])


def _kept(spans: Spans, keep: list[int]) -> Spans:
    """`spans` in a grid of the columns in `keep` only."""
    place = {column: index for index, column in enumerate(keep)}
    moved: dict[tuple[int, int], tuple[int, int]] = {}
    for (top, left), (height, width) in spans.items():
        covered = [place[column] for column in range(left, min(left + width, keep[-1] + 1)) if column in place]
        if covered:
            moved[top, covered[0]] = (height, len(covered))
    return moved


def _above(grid: Rows, across: set[int]) -> int:
    """The number of title rows: lone cells before the first row of two, where rows of two follow."""
    width = len(grid[0])
    for index, row in enumerate(grid):
        if width < 2 or not (index in across or (row[0] and not any(row[1:])) or not any(row)):
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


def _lone(grid: Rows, kind: str, page: int | None) -> list[Block]:
    lines = [cell for row in grid for cell in row if cell]
    if not lines:
        return []
    return [Block("caption" if kind == "caption" else "paragraph", "\n".join(lines), 0, page)]


def _body(grid: Rows, spans: Spans, page: int | None, header: int | None) -> list[Block]:
    depth = count_header_rows(grid, spans) if header is None else min(header, len(grid))
    names = joined_header(grid, depth)
    titles = {top - depth for (top, _), (_, width) in spans.items() if width == len(names) > 1}
    body = labelled(grid[depth:], titles)
    return [_block(names, body, columns, page) for columns in shared_out(names, body)]


def _block(names: list[str], body: Rows, columns: list[int], page: int | None) -> Block:
    cut = [name if len(name) <= _MOST_NAME else name[: _MOST_NAME - 1] + "…" for name in names]
    lines = [cut, *body]
    shown = [[line[column] for column in columns] if len(line) == len(names) else line for line in lines]
    return Block("table", "\n".join(" | ".join(line) for line in shown), 0, page)
