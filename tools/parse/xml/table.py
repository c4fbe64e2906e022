"""Tables in XML documents: those of HTML and those of CALS."""

from typing import TYPE_CHECKING

from tools.parse.table.header import stacked
from tools.parse.xml.tree import inline, local

if TYPE_CHECKING:
    from lxml.etree import _Element

_ROWS = ("tr", "row")
_CELLS = ("td", "th", "entry")
_MOST_SPAN = 50  # columns that one cell may fill


def is_table(node: "_Element") -> bool:
    """Whether an element is a table as a whole, without the caption around it."""
    if local(node) not in ("table", "informaltable", "tgroup"):
        return False
    captions = ("title", "caption", "tgroup", "table")
    return any(local(child) in _ROWS for child in node.iter()) and not any(
        local(child) in captions for child in node
    )


def rows_of(table: "_Element") -> list[list[str]]:
    """The cells of each row; the rows of a header become one."""
    rows = [node for node in table.iter() if local(node) in _ROWS]
    heads = [row for row in rows if any(local(above) == "thead" for above in row.iterancestors())]
    cells = [_cells(row, row in heads and len(heads) > 1) for row in rows]
    if 1 < len(heads) < len(rows):
        cells[: len(heads)] = [stacked(cells[: len(heads)])]
    return [row for row in cells if any(row)]


def _cells(row: "_Element", across: bool) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if local(cell) in _CELLS:
            text = inline(cell)
            width = cell.get("colspan", "1")
            more = min(int(width), _MOST_SPAN) - 1 if width.isdecimal() else 0
            cells += [text, *[text if across else ""] * more]
    return cells
