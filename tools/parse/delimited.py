"""CSV, TSV and their kin to one table; the delimiter is the one that cuts the rows alike."""

import csv
import re
from collections import Counter
from itertools import islice

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Document
from tools.parse.media_types import CSV, TSV
from tools.parse.plain import text_blocks
from tools.parse.table import Rows, table_blocks
from tools.parse.table.values import is_number, is_period

_DELIMITERS = ",;\t|"
_NAMED = re.compile(r"sep=(.)\n", re.I)  # a first line that Excel writes
_SAMPLE = 200  # rows that are looked at
_FEWEST_ALIKE = 0.4  # of 1 where a delimiter cuts all rows into the same number of cells
_MOST_LINES = 100  # in one cell; more means that a quote was never closed


def parse_csv(name: str, data: bytes) -> Document:
    """One table whose first row names the columns; text that no delimiter cuts alike is kept as text."""
    return _parse(name, data, CSV)


def parse_tsv(name: str, data: bytes) -> Document:
    """As `parse_csv`."""
    return _parse(name, data, TSV)


def _parse(name: str, data: bytes, media_type: str) -> Document:
    text = clean(decode(data)).strip("\n")
    named = _NAMED.match(text)
    text = text[named.end() :] if named else text
    rows = cut(text, named[1] if named else delimiter_of(text))
    prose = all(len(row) < 2 for row in rows) and len(text) > 100 * len(rows)
    blocks = list(text_blocks(text) if prose else table_blocks(rows))
    return assemble(title_of(name, ()), media_type, blocks)


def delimiter_of(text: str) -> str:
    """The delimiter that cuts most rows into the same number of cells; empty where none does."""
    score, delimiter = max((_score(text, delimiter), delimiter) for delimiter in _DELIMITERS)
    return delimiter if score > (_FEWEST_ALIKE,) else ""


def _score(text: str, delimiter: str) -> tuple[float, ...]:
    """How alike rows are: of the usual width, the first one too, or at least cut; then the share of plain values."""
    sample = text[: _SAMPLE * 1000]
    rows = [row for row in islice(cut(sample, delimiter), _SAMPLE) if any(row)]
    widths = Counter(len(row) for row in rows)
    usual = max((width for width in widths if width > 1), key=lambda width: widths[width], default=0)
    if not usual:
        return (0.0 if rows else 1.0,)  # a file of nothing but delimiters has none to tell apart
    several = sum(len(row) > 1 for row in rows)
    alike = (0.5 * widths[usual] + 0.3 * several) / len(rows) + 0.2 * (len(rows[0]) == usual)
    cells = [cell.strip() for row in rows for cell in row]
    values = sum(is_number(cell) or is_period(cell) for cell in cells) / len(cells)
    return (round(alike, 1), values, usual)


def cut(text: str, delimiter: str) -> Rows:
    """The cells of each row; where quotes are broken, those of each line."""
    if not delimiter:
        delimiter = "\0"  # which no text holds: the lines without their quotes
    try:
        rows = list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        rows = []
    if rows and all(cell.count("\n") < _MOST_LINES for row in rows for cell in row):
        return rows
    return [[cell.strip().strip('"') for cell in line.split(delimiter)] for line in text.split("\n")]
