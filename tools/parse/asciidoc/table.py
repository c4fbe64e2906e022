"""Tables of AsciiDoc to rows."""

import csv
import re
from itertools import zip_longest

_CELL = re.compile(
    r"(?:(?<=\s)|^)(?:(?P<across>\d+)?(?:\.(?P<down>\d+))?(?P<how>[+*]))?[<^>]?(?:\.[<^>])?[aehlmdsv]?(?<!\\)\|"
    r"|(?<!\\)\|",
    re.MULTILINE,
)
_COLUMN = re.compile(r"(?:(\d+)\*)?[^,;]*")
_MOST_SPAN = 50


def table_rows(lines: list[str], options: str, delimiter: str) -> list[list[str]]:
    """The rows between two marks that begin with `delimiter`; `options` is the line in brackets above."""
    separated = re.search(r"format=\"?(csv|dsv|tsv)", options)
    if separated or delimiter in ",:":
        mark = {"dsv": ":", "tsv": "\t"}.get(
            separated[1] if separated else "", delimiter if delimiter == ":" else ","
        )
        return [[cell.strip() for cell in row] for row in csv.reader(lines, delimiter=mark) if any(row)]
    width = _declared(options)
    if not width:
        first = next((line for line in lines if line.strip()), "")
        width = sum(_across(cell) for cell in _CELL.finditer(first.rstrip().rstrip("|")))
    return _laid_out(_cells("\n".join(lines)), max(width, 1))


def _declared(options: str) -> int:
    """Number of columns that `cols` gives."""
    match = re.search(r"cols\s*=\s*(?:\"([^\"]*)\"|([^,\]]+))", options)
    if not match:
        return 0
    columns = [column.strip() for column in re.split("[,;]", match[1] or match[2] or "")]
    return sum(min(int(found[1] or 1), _MOST_SPAN) for column in columns if (found := _COLUMN.match(column)))


def _across(cell: re.Match[str]) -> int:
    return min(int(cell["across"] or 1), _MOST_SPAN)


def _cells(text: str) -> list[tuple[str, int, int]]:
    """Text, columns and rows of each cell."""
    marks = list(_CELL.finditer(text))
    cells: list[tuple[str, int, int]] = []
    for mark, following in zip_longest(marks, marks[1:]):
        end = following.start() if following else len(text)
        said = " ".join(text[mark.end() : end].replace("\\|", "|").split())
        if mark["how"] == "*":
            cells += [(said, 1, 1)] * _across(mark)
        else:
            cells.append((said, _across(mark), min(int(mark["down"] or 1), _MOST_SPAN)))
    return cells


def _laid_out(cells: list[tuple[str, int, int]], width: int) -> list[list[str]]:
    """Rows of `width` cells; a cell that reaches down is repeated, one that reaches across left blank."""
    rows: list[list[str]] = []
    row: list[str] = []
    open_spans: dict[int, tuple[str, int]] = {}
    for text, across, down in cells:
        for column in range(across):
            _fill(row, open_spans, width)
            shown = "" if column else text
            if down > 1:
                open_spans[len(row)] = (shown, down - 1)
            row.append(shown)
        _fill(row, open_spans, width)
        if len(row) >= width:
            rows.append(row)
            row = []
    return [row for row in [*rows, row] if any(row)]


def _fill(row: list[str], open_spans: dict[int, tuple[str, int]], width: int) -> None:
    while len(row) < width and len(row) in open_spans:
        text, left = open_spans.pop(len(row))
        if left > 1:
            open_spans[len(row)] = (text, left - 1)
        row.append(text)
