"""Tables of a Word file to rows and merged cells."""

from collections.abc import Iterator
from typing import Any

from tools.parse.table import Rows
from tools.parse.word.styles import W
from tools.parse.word.text import children, is_on, paragraph_text

_MOST_SPAN = 64  # columns that one cell may fill; Word has 63


def rows_of(table: Any) -> tuple[Rows, dict[tuple[int, int], tuple[int, int]], int | None]:
    """The rows, the size (height, width) of merged cells, and the number of header rows where several are said."""
    rows: Rows = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    merged: dict[int, tuple[int, int]] = {}  # column to the merged cell that may go on in the next row
    header = 0
    for row in _rows(table):
        cells: list[str] = [""] * _number(row.find(f"{W}trPr/{W}gridBefore"), 0)
        for cell in children(row, "tc"):
            column, width = len(cells), _number(cell.find(f"{W}tcPr/{W}gridSpan"), 1)
            place, text = (len(rows), column), cell_text(cell)
            if _goes_on(cell) and column in merged:
                place, text = merged[column], ""
            else:
                merged[column] = place
            height = len(rows) - place[0] + 1
            if height > 1 or width > 1:
                spans[place] = (height, max(width, 1))
            cells += [text, *[""] * (width - 1)]
        header += header == len(rows) and is_on(row.find(f"{W}trPr/{W}tblHeader"))
        rows.append(cells)
    return rows, spans, header if header > 1 else None


def cells_of(table: Any) -> Iterator[Any]:
    """All cells of a table, without those of tables inside it."""
    return (cell for row in _rows(table) for cell in children(row, "tc"))


def cell_text(cell: Any) -> str:
    """The paragraphs of a cell on one line; tables in it stand apart."""
    return " ".join(" ".join(paragraph_text(part) for part in children(cell, "p")).split())


def _rows(table: Any) -> Iterator[Any]:
    return (row for row in children(table, "tr") if row.find(f"{W}trPr/{W}del") is None)


def _goes_on(cell: Any) -> bool:
    merge = cell.find(f"{W}tcPr/{W}vMerge")
    return merge is not None and merge.get(f"{W}val", "continue") == "continue"


def _number(element: Any, default: int) -> int:
    value = "" if element is None else element.get(f"{W}val", "")
    return min(int(value), _MOST_SPAN) if value.isdecimal() else default
