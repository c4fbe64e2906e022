"""One sheet of a workbook to blocks: each connected group of cells is a table."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from tools.parse.document import Block
from tools.parse.table import Rows, Spans, table_blocks
from tools.parse.table.values import is_value

Cells = Mapping[
    int, Mapping[int, str]
]  # row to column to what the cell shows; filled cells only, rows in order

_MOST_BLANKS = 2_000_000  # blank cells that a table may hold, unless most of its cells are filled
_SAMPLE = 50  # rows of a table that show what its columns hold
_PROSE = 120  # characters on average; a single column of longer cells is text


@dataclass(slots=True)
class Sheet:
    """What a sheet shows: filled cells by row and column, sizes (height, width) of merged ones; from 0."""

    name: str
    number: int
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    spans: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


def sheet_blocks(sheet: Sheet) -> Iterator[Block]:
    """The sheet's name as a heading and its tables; nothing for a sheet without text."""
    if not sheet.rows:
        return
    yield Block("heading", sheet.name, 1, sheet.number)
    for part in _parts(sheet):
        yield from _blocks(part, sheet)


def _parts(sheet: Sheet) -> Iterator[Cells]:
    """The tables of a sheet: parted by blank rows and, within these, by blank columns."""
    for band in _bands(sheet.rows, sheet.spans):
        sides = _sides(band, sheet.spans)
        if len(sides) == 1:
            yield band
        else:
            for part in _shared_out(band, sides):
                yield from _bands(part, sheet.spans)


def _shared_out(rows: Cells, sides: list[int]) -> list[dict[int, dict[int, str]]]:
    """The cells of `rows` by the side that they stand on."""
    parts: list[dict[int, dict[int, str]]] = [{} for _ in sides]
    for row, cells in rows.items():
        for column, text in cells.items():
            parts[bisect_right(sides, column) - 1].setdefault(row, {})[column] = text
    return parts


def _bands(rows: Cells, spans: Spans) -> list[Cells]:
    """`rows` parted where a row is blank, unless what follows only goes on with the same columns."""
    bands: list[dict[int, Mapping[int, str]]] = []
    reached = -3  # the last row that a cell covers
    for row, cells in rows.items():
        goes_on = row == reached + 2 and _goes_on(bands[-1], cells)
        if row > reached + 1 and not goes_on:
            bands.append({})
        bands[-1][row] = cells
        reached = max(reached, *(row + spans.get((row, column), (1, 1))[0] - 1 for column in cells))
    return [*bands]


def _goes_on(above: Cells, cells: Mapping[int, str]) -> bool:
    """Whether a row below a blank one holds values, so no header, below the columns of the table above."""
    last = max(max(row) for row in islice(above.values(), _SAMPLE))
    first = min(min(row) for row in islice(above.values(), _SAMPLE))
    if min(cells) != first or max(cells) > last or len(cells) < 2:
        return False
    return any(map(is_value, cells.values()))


def _reach(rows: Cells) -> tuple[int, int]:
    """The first and the last column that hold a text."""
    return min(min(cells) for cells in rows.values()), max(max(cells) for cells in rows.values())


def _sides(band: Cells, spans: Spans) -> list[int]:
    """First columns of the tables that stand side by side: each has two columns and begins with labels."""
    ends: dict[int, int] = {}  # column to the last one that its widest cell covers
    for row, cells in band.items():
        for column in cells:
            width = spans.get((row, column), (1, 1))[1] if spans else 1
            ends[column] = max(ends.get(column, column), column + width - 1)
    sides: list[list[int]] = []
    reached = -1
    for column in sorted(ends):
        # A lone column belongs to the table beside it: as its row labels, or as notes on its rows.
        if not sides or (column > reached + 1 and len(sides[-1]) > 1 and _is_labels(band, column)):
            sides.append([])
        sides[-1].append(column)
        reached = max(reached, ends[column])
    if len(sides) > 1 and len(sides[-1]) == 1:
        notes = sides.pop()
        sides[-1] += notes
    return [columns[0] for columns in sides]


def _is_labels(band: Cells, column: int) -> bool:
    """Whether most cells of a column below its name are words."""
    cells = [row[column] for row in islice(band.values(), _SAMPLE) if column in row][1:]
    return bool(cells) and sum(map(is_value, cells)) * 2 < len(cells)


def _blocks(part: Cells, sheet: Sheet) -> Iterator[Block]:
    texts = [text for cells in part.values() for text in cells.values()]
    left, right = _reach(part)
    if len(texts) == 1 or (left == right and sum(map(len, texts)) > _PROSE * len(texts)):
        yield from (Block("paragraph", text, 0, sheet.number) for text in texts)
        return
    if len(part) * (right - left + 1) > max(_MOST_BLANKS, 2 * len(texts)):
        yield from table_blocks(
            [list(cells.values()) for cells in part.values()], page=sheet.number, header=1
        )
        return
    place = {row: index for index, row in enumerate(part)}
    grid: Rows = [[cells.get(at, "") for at in range(left, right + 1)] for cells in part.values()]
    spans = {
        (place[row], column - left): (min(height, len(part)), width)
        for row, cells in (part.items() if sheet.spans else ())
        for column in cells
        for height, width in (sheet.spans.get((row, column), (1, 1)),)
        if (height, width) != (1, 1)
    }
    yield from table_blocks(grid, spans, sheet.number)
