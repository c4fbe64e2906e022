"""One sheet of a workbook to blocks: each connected group of cells is a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tools.parse.document import Block
from tools.parse.table import Rows, table_blocks
from tools.parse.values import is_value

Cells = Mapping[int, Mapping[int, str]]  # row to column to what the cell shows; filled cells only, rows in order

_MOST_BLANKS = 2_000_000  # blank cells that a table may hold, unless most of its cells are filled
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
    for part in _parts(sheet.rows):
        yield from _blocks(part, sheet)


def _parts(rows: Cells) -> Iterator[Cells]:
    """The tables of a sheet: parted by blank rows and, within these, by blank columns."""
    for band in _bands(rows):
        sides = _sides(band)
        if len(sides) == 1:
            yield band
        for columns in sides if len(sides) > 1 else ():
            part = {
                row: inside
                for row, cells in band.items()
                if (inside := {at: text for at, text in cells.items() if columns[0] <= at <= columns[1]})
            }
            yield from _bands(part)


def _bands(rows: Cells) -> list[dict[int, Mapping[int, str]]]:
    """`rows` parted where a row is blank, unless what follows only goes on with the same columns."""
    bands: list[dict[int, Mapping[int, str]]] = []
    last = -2
    for row, cells in rows.items():
        if row > last + 1:
            bands.append({})
        bands[-1][row] = cells
        last = row
    joined = bands[:1]
    for above, band in pairwise(bands):
        if min(band) - max(above) == 2 and _goes_on(joined[-1], band):
            joined[-1].update(band)
        else:
            joined.append(band)
    return joined


def _goes_on(above: Cells, band: Cells) -> bool:
    """Whether a band has no header of its own and stands below the columns of the one above it."""
    first, last = _reach(above)
    left, right = _reach(band)
    if left != first or right > last or first == last:
        return False
    values = next(iter(band.values())).values()
    return len(values) > 1 and any(map(is_value, values))


def _reach(rows: Cells) -> tuple[int, int]:
    return min(min(cells) for cells in rows.values()), max(max(cells) for cells in rows.values())


def _sides(band: Cells) -> list[tuple[int, int]]:
    """First and last columns of the tables that stand side by side: each begins with a column of labels."""
    used = sorted({column for cells in band.values() for column in cells})
    sides = [(used[0], used[0])]
    for before, column in pairwise(used):
        if column > before + 1 and _is_labels(band, column):
            sides.append((column, column))
        else:
            sides[-1] = (sides[-1][0], column)
    return sides


def _is_labels(band: Cells, column: int) -> bool:
    """Whether most cells of a column below its name are words."""
    cells = [row[column] for row in band.values() if column in row][1:]
    return bool(cells) and sum(map(is_value, cells)) * 2 < len(cells)


def _blocks(part: Cells, sheet: Sheet) -> Iterator[Block]:
    texts = [text for cells in part.values() for text in cells.values()]
    top, (left, right) = next(iter(part)), _reach(part)
    if len(texts) == 1 or (left == right and sum(map(len, texts)) > _PROSE * len(texts)):
        yield from (Block("paragraph", text, 0, sheet.number) for text in texts)
        return
    if len(part) * (right - left + 1) > max(_MOST_BLANKS, 2 * len(texts)):
        yield from table_blocks([list(cells.values()) for cells in part.values()], page=sheet.number, header=1)
        return
    place = {row: index for index, row in enumerate(part)}
    grid: Rows = [[cells.get(at, "") for at in range(left, right + 1)] for cells in part.values()]
    spans = {
        (place[row], column - left): (min(height, len(part)), width)
        for (row, column), (height, width) in sheet.spans.items()
        if row in place and left <= column <= right
    }
    yield from table_blocks(grid, spans, sheet.number)
