"""Whether a text without a telling name is a table of delimited values."""

import csv
from itertools import islice

from tools.parse.media_types import CSV, TSV

_LOOKED_AT = 50  # lines
_FEWEST = 3  # lines that must agree
_LONGEST_CELL = 60  # characters on average; sentences are longer


def detect_rows(head: str, cut: bool) -> str:
    """TSV or CSV where every line has the same number of cells; `cut` says that more follows `head`."""
    lines = [line for line in head.splitlines()[: _LOOKED_AT + 1] if line.strip()]
    lines = lines[: _LOOKED_AT if not cut or len(lines) > _LOOKED_AT else len(lines) - 1]
    if len(lines) < _FEWEST:
        return ""
    for delimiter in "\t;,|":
        if _agree(lines, delimiter):
            return TSV if delimiter == "\t" else CSV
    return ""


def _agree(lines: list[str], delimiter: str) -> bool:
    if delimiter == "|" and lines[0].lstrip().startswith("|"):
        return False  # a table drawn with lines
    try:
        rows = list(islice(csv.reader(lines, delimiter=delimiter, strict=True), _LOOKED_AT))
    except csv.Error:
        return False
    if len(rows) < _FEWEST or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    cells = [cell for row in rows for cell in row]
    later = [cell for row in rows for cell in row[1:]]
    # A comma of prose has a blank behind it; two columns of that are no table.
    spaced = sum(cell.startswith(" ") for cell in later) * 2 > len(later)
    short = sum(map(len, cells)) <= _LONGEST_CELL * len(cells)
    return short and not (spaced and (delimiter == "," or delimiter == ";") and len(rows[0]) < 4)
