"""Tables whose columns are parted by white space only."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from statistics import median

from tools.parse.pdf.grid import Rule
from tools.parse.pdf.grid_table import Table, together
from tools.parse.pdf.lines import Run, run_of, runs_back
from tools.parse.table.header import stacked

_MARKER = re.compile(r"\W{1,2}|\(?(?:\d{1,3}|[A-Za-z]|[ivx]+)(?:\.\d+)*[.):]?")
_LEADER = re.compile(r"\.{4,}|(?:\. ?){4,}")
_MOST_HEAD = 4  # rows of a header
_GAP = 0.7  # times the type size: least width of the white space between two columns
_LONGEST = 60  # characters of a cell on average; more are text in columns
_LEAST = 24  # characters of a table; fewer are the labels of a drawing
_LONGEST_PAIR = 45  # the same for tables of two columns


def table_of(rows: Sequence[Sequence[Run]], rules: Sequence[Rule] = (), least: int = 3) -> Table | None:
    """The table that consecutive rows of a page make, None if they do not; `rules` are level and cross it."""
    if len(rows) < least:
        return None
    edges = _edges(rows)
    if not edges:
        return None
    whole = run_of([word for row in rows for run in row for word in run.words])
    head = _head(rows, edges, rules)
    header = [_cells(row, edges, spread=True) for row in rows[:head]]
    body = _unwrapped(rows[head:], edges)
    top = stacked(header)
    if not _is_sound([top, *body], least, rows):
        return None
    table = [top, *body]
    if runs_back(whole.words):
        table = [row[::-1] for row in table]
    return Table(table, "", 0, whole.left, whole.top, whole.right, whole.bottom)


def _head(rows: Sequence[Sequence[Run]], edges: Sequence[float], rules: Sequence[Rule]) -> int:
    """How many rows are the header: those above the first rule, else the first rows without a first cell."""
    if rules:
        head = sum(_middle(row) < rules[0].at for row in rows)
        return head if 0 < head <= min(_MOST_HEAD, len(rows) - 1) else 1
    most = min(_MOST_HEAD, len(rows) - 1)
    head = next((index for index, row in enumerate(rows[:most]) if _cells(row, edges)[0]), 1)
    return max(head, 1)


def _middle(row: Sequence[Run]) -> float:
    return (row[0].top + row[0].bottom) / 2


def _edges(rows: Sequence[Sequence[Run]]) -> list[float]:
    """Where one column ends and the next begins: white in (nearly) all rows, and wide enough."""
    words = [word for row in rows for run in row for word in run.words]
    left, right = min(word.left for word in words), max(word.right for word in words)
    count = [0] * (int(right - left) + 2)
    for row in rows:
        covered: set[int] = set()
        for run in row:
            for word in run.words:
                covered.update(range(int(word.left - left), int(word.right - left + 0.999)))
            covered.update(*_word_gaps(run, left))
        for place in covered:
            count[place] += 1
    needed = _GAP * median(word.size for word in words)
    crossed = len(rows) // 8
    edges: list[float] = []
    start = None
    for place, rows_here in enumerate(count):
        if rows_here <= crossed:
            start = place if start is None else start
            continue
        if start and place - start >= needed:
            edges.append(left + (start + place) / 2)
        start = None
    return edges


def _word_gaps(run: Run, left: float) -> list[range]:
    """The narrow gaps between the words of a run, which part no columns."""
    gaps = []
    for a, b in zip(run.words, run.words[1:], strict=False):
        if 0 < b.left - a.right < 0.5 * a.size:
            gaps.append(range(int(a.right - left), int(b.left - left + 0.999)))
    return gaps


def _cells(row: Sequence[Run], edges: Sequence[float], spread: bool = False) -> list[str]:
    """The text in each column; with `spread`, a run over several columns stands in each of them."""
    cells: list[list[str]] = [[] for _ in range(len(edges) + 1)]
    for run in row:
        first, last = bisect_right(edges, run.left), bisect_right(edges, run.right)
        if spread and last > first:
            for column in range(first, last + 1):
                cells[column] += [word.text for word in run.words]
        else:
            for word in run.words:
                cells[bisect_right(edges, (word.left + word.right) / 2)].append(word.text)
    return [together(cell) for cell in cells]


def _unwrapped(rows: Sequence[Sequence[Run]], edges: Sequence[float]) -> list[list[str]]:
    """The rows; a line that only goes on in cells of the row above is put to them."""
    found: list[list[str]] = []
    bottom = 0.0
    for row in rows:
        cells = _cells(row, edges)
        high = row[0].bottom - row[0].top
        goes_on = (
            not cells[0] and 2 * sum(map(bool, cells)) <= len(cells) and row[0].top - bottom < 0.5 * high
        )
        if goes_on and found:
            found[-1] = [f"{above} {cell}".strip() for above, cell in zip(found[-1], cells, strict=True)]
        else:
            found.append(cells)
        bottom = row[0].bottom
    return found


def _is_sound(rows: list[list[str]], least: int, source: Sequence[Sequence[Run]]) -> bool:
    """Whether rows are a table rather than a list, a list of contents, or text in columns."""
    filled = [cell for row in rows for cell in row if cell]
    if (
        len(rows) < least - 1
        or len(rows) < 2
        or sum(sum(map(bool, row)) > 1 for row in rows) < 0.6 * len(rows)
    ):
        return False
    if sum(map(len, filled)) > (_LONGEST_PAIR if len(rows[0]) == 2 else _LONGEST) * len(filled):
        return False
    if len(filled) < 0.5 * len(rows) * len(rows[0]) or sum(map(len, filled)) < _LEAST:
        return False
    first = [row[0] for row in rows if row[0]]
    if len(rows[0]) == 2 and sum(bool(_MARKER.fullmatch(cell)) for cell in first) >= 0.7 * len(first):
        return False
    return sum(bool(_LEADER.search(cell)) for cell in filled) < 0.3 * len(source)
