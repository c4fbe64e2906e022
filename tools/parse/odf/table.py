"""Tables and sheets of OpenDocument files: filled cells by row and column, and merged ones."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from tools.parse.odf.text import TABLE
from tools.parse.table import Rows

if TYPE_CHECKING:
    from lxml.etree import _Element

_HOLDERS = frozenset(f"{TABLE}{tag}" for tag in ("table-header-rows", "table-row-group", "table-rows"))
_COVERED = f"{TABLE}covered-table-cell"
_CELLS = (f"{TABLE}table-cell", _COVERED)
_MOST_REPEATS = 1000  # times that a filled cell or row is repeated; beyond, it only fills the sheet
_MOST_SPAN = 2**20

CellText = Callable[["_Element"], str]
Cells = dict[int, dict[int, str]]
Spans = dict[tuple[int, int], tuple[int, int]]


def read_cells(table: "_Element", text_of: CellText) -> tuple[Cells, Spans]:
    """Row to column to text, for cells with text, and the sizes (height, width) of merged cells."""
    cells: Cells = {}
    spans: Spans = {}
    at = 0
    for row in table_rows(table):
        repeated = _count(row, "number-rows-repeated")
        if filled := _row(row, at, spans, text_of):
            cells |= dict.fromkeys(range(at, at + min(repeated, _MOST_REPEATS)), filled)
        at += repeated
    return cells, spans


def read_rows(table: "_Element", text_of: CellText) -> tuple[Rows, Spans, int | None]:
    """The table of a text: its rows, merged cells, and number of header rows where several are said."""
    cells, spans = read_cells(table, text_of)
    width = max((max(row) for row in cells.values()), default=-1) + 1
    height = min(max(cells, default=-1) + 1, 2 * len(cells) + _MOST_REPEATS)
    rows = [[cells.get(at, {}).get(column, "") for column in range(width)] for at in range(height)]
    header = sum(1 for part in table.iterfind(f"{TABLE}table-header-rows") for _ in table_rows(part))
    return rows, spans, header if header > 1 else None


def table_rows(parent: "_Element") -> Iterator["_Element"]:
    """The rows of a table, through groups, without those of tables inside it."""
    for child in parent:
        if child.tag == f"{TABLE}table-row":
            yield child
        elif child.tag in _HOLDERS:
            yield from table_rows(child)


def _row(row: "_Element", at: int, spans: Spans, text_of: CellText) -> dict[int, str]:
    filled: dict[int, str] = {}
    column = 0
    for cell in row:
        if cell.tag not in _CELLS:
            continue
        repeated = _count(cell, "number-columns-repeated")
        if cell.tag != _COVERED and (text := text_of(cell).strip()):
            filled |= dict.fromkeys(range(column, column + min(repeated, _MOST_REPEATS)), text)
            size = _count(cell, "number-rows-spanned"), _count(cell, "number-columns-spanned")
            if size != (1, 1):
                spans[at, column] = size
        column += repeated
    return filled


def _count(node: "_Element", name: str) -> int:
    value = node.get(f"{TABLE}{name}", "1")
    return min(max(int(value), 1), _MOST_SPAN) if value.isdecimal() else 1
