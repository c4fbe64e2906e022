"""Tables whose columns are parted by rules."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tools.parse.pdf.grid import NEAR, Grid, Rule
from tools.parse.pdf.lines import runs_back
from tools.parse.pdf.words import Word
from tools.parse.table.header import united

_MOST_WORDS = 60  # of a cell on average; more are a page laid out in boxes


class Table(NamedTuple):
    """The rows of a table, its header first, the title above the header, its page (from 1), and its box in points."""

    rows: list[list[str]]
    title: str
    page: int
    left: float
    top: float
    right: float
    bottom: float


class _Slots(NamedTuple):
    """Where the cells of a grid begin: for each row the first column, for each row the first row of each column."""

    columns: list[list[int]]
    rows: list[list[int]]


def table_in(grid: Grid, words: Sequence[Word]) -> Table | None:
    """The table in a grid; None where it is a frame, a drawing or a form without text."""
    xs, ys = grid.xs, grid.ys
    if len(xs) < 3:
        return None
    inside = [word for word in words if _is_inside(word, xs, ys)]
    ys = _with_text_rows(xs, ys, inside)
    if len(ys) < 3:
        return None
    slots = _slots(grid, xs, ys)
    cells = _cells(xs, ys, slots, inside)
    filled = [cell for row in cells for cell in row if cell]
    if len(filled) < 3 or len(inside) > _MOST_WORDS * len(filled):
        return None
    rows, title = _rows(cells, slots)
    if len(rows) < 2 or len(rows[0]) < 2 or len(filled) < 0.3 * len(rows) * len(rows[0]):
        return None
    if runs_back(inside):
        rows = [row[::-1] for row in rows]
    return Table(rows, title, 0, xs[0], ys[0], xs[-1], ys[-1])


def _is_inside(word: Word, xs: Sequence[float], ys: Sequence[float]) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return xs[0] <= x <= xs[-1] and ys[0] <= y <= ys[-1]


def _with_text_rows(xs: Sequence[float], ys: list[float], words: Sequence[Word]) -> list[float]:
    """`ys` and the gaps between lines of text, where rules part the columns but not the rows."""
    if len(ys) > 3:
        return ys
    added: list[float] = []
    for top, bottom in pairwise(ys):
        if bottom - top < 30:
            continue
        band = [word for word in words if top <= (word.top + word.bottom) / 2 <= bottom]
        lines: list[list[Word]] = []
        for word in sorted(band, key=lambda word: word.top + word.bottom):
            if lines and (word.top + word.bottom) / 2 < lines[-1][0].bottom:
                lines[-1].append(word)
            else:
                lines.append([word])
        first = sum(any(word.left < xs[1] for word in line) for line in lines)
        if len(lines) >= 3 and first >= 0.8 * len(lines):
            added += [(a[0].bottom + b[0].top) / 2 for a, b in pairwise(lines)]
    return sorted([*ys, *added])


def _slots(grid: Grid, xs: Sequence[float], ys: Sequence[float]) -> _Slots:
    """A cell begins at each rule that stands beside it; without one it belongs to the cell before."""
    columns = [_starts(grid.down, xs, (top + bottom) / 2) for top, bottom in pairwise(ys)]
    near = {y for y in ys if any(abs(rule.at - y) <= NEAR for rule in grid.across)}
    upright = [_starts(grid.across, ys, (left + right) / 2) for left, right in pairwise(xs)]
    rows = [[starts[row] if ys[row] in near else row for starts in upright] for row in range(len(ys) - 1)]
    return _Slots(columns, rows)


def _starts(rules: Sequence[Rule], places: Sequence[float], at: float) -> list[int]:
    starts = [0]
    for index in range(1, len(places) - 1):
        cut = any(abs(rule.at - places[index]) <= NEAR and rule.start <= at <= rule.end for rule in rules)
        starts.append(index if cut else starts[-1])
    return starts


def _cells(xs: Sequence[float], ys: Sequence[float], slots: _Slots, words: Sequence[Word]) -> list[list[str]]:
    """The text of each cell, at its first row and column."""
    cells: list[list[list[str]]] = [[[] for _ in xs[1:]] for _ in ys[1:]]
    for word in words:
        row = min(bisect_right(ys, (word.top + word.bottom) / 2), len(ys) - 1) - 1
        column = min(bisect_right(xs, (word.left + word.right) / 2), len(xs) - 1) - 1
        column = slots.columns[row][column]
        cells[slots.rows[row][column]][column].append(word.text)
    return [[together(cell) for cell in row] for row in cells]


def _rows(cells: list[list[str]], slots: _Slots) -> tuple[list[list[str]], str]:
    """The rows, those of the header put together, and the title that stands over all columns."""
    count = len(cells[0])
    tall = [[cells[slots.rows[row][column]][column] for column in range(count)] for row in range(len(cells))]
    wide = [[tall[row][start] for start in slots.columns[row]] for row in range(len(cells))]
    kept = [row for row in range(len(cells)) if any(cells[row])]
    used = [column for column in range(count) if any(row[column] for row in tall)]
    title = ""
    if len(kept) > 2 and len({slots.columns[kept[0]][column] for column in used}) == 1:
        title, kept = " ".join(filter(None, cells[kept[0]])), kept[1:]
    head = 1
    while head < len(kept) - 1 and _is_over(
        slots.columns[kept[head - 1]], slots.columns[kept[head]], tall[kept[head - 1]]
    ):
        head += 1
    header = [united([wide[row][column] for row in kept[:head]]) for column in used]
    return [header, *([tall[row][column] for column in used] for row in kept[head:])], title


def _is_over(span: list[int], below: list[int], row: list[str]) -> bool:
    """Whether a row of a header stands over another: a wide cell of it is cut into several below."""
    return any(
        start != column and row[start] and below[column] == column for column, start in enumerate(span)
    )


def together(words: Sequence[str]) -> str:
    """Words as one text; those cut at the end of a line are whole again."""
    return " ".join(words).replace("\xad ", "")
