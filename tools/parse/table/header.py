"""Which of a table's first rows name its columns, and these names on one line."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise, zip_longest

from tools.parse.table.values import is_number, is_period, is_value

_MOST_ROWS = 5  # rows that a header may have
_SAMPLE = 50  # rows below the header that are looked at


def count_header_rows(grid: Sequence[Sequence[str]], spans: Mapping[tuple[int, int], tuple[int, int]]) -> int:
    """The number of header rows at the top of `grid` (merged cells filled in), 0 where it has none."""
    if len(grid) < 2 or not _names(grid[0], grid[1:]):
        return 0
    depth = 1
    while depth < min(_MOST_ROWS, len(grid) - 1) and _goes_on(grid, spans, depth):
        depth += 1
    return depth


def joined_header(grid: Sequence[Sequence[str]], depth: int) -> list[str]:
    """One name a column: the cells of `depth` header rows from top to bottom, such as "2024 Budget"."""
    rows = [list(row) for row in grid[:depth]]
    for row, below in pairwise(rows):
        _reach_right(row, below)
    return stacked(rows)


def stacked(rows: Sequence[Sequence[str]]) -> list[str]:
    """Header rows as one: the cells of each column from top to bottom, each text once. Rows may differ in length."""
    return [united(column) for column in zip_longest(*rows, fillvalue="")]


def united(cells: Iterable[str]) -> str:
    """The cells of a header above one another as one, each text once."""
    return " ".join(dict.fromkeys(filter(None, cells)))


def _names(row: Sequence[str], body: Sequence[Sequence[str]]) -> bool:
    """Whether the first row holds names: nothing that is only content, no dates above dates."""
    filled = [cell for cell in row if cell]
    if _counts(row):
        return True
    if not filled or any(is_value(cell) for cell in filled):
        return False
    return not any(is_period(cell) and _is_like(column, body) for column, cell in enumerate(row))


def _counts(row: Sequence[str]) -> bool:
    """Whether the row counts its columns, as days or quarters do: a name, then 1, 2, 3."""
    return len(row) > 3 and not is_number(row[0]) and list(row[1:]) == [str(n) for n in range(1, len(row))]


def _is_like(column: int, body: Sequence[Sequence[str]]) -> bool:
    """Whether most cells of a column are years or dates themselves."""
    cells = [row[column] for row in body[:_SAMPLE] if row[column]]
    return sum(map(is_period, cells)) * 2 > len(cells)


def _goes_on(
    grid: Sequence[Sequence[str]], spans: Mapping[tuple[int, int], tuple[int, int]], depth: int
) -> bool:
    """Whether row `depth` still names columns, given that the row above it does."""
    row, above, body = grid[depth], grid[depth - 1], grid[depth + 1 :]
    if not _names(row, body):
        return False
    if any(width > 1 and top + height == depth for (top, _), (height, width) in spans.items()):
        return True  # what was merged across is divided here
    columns = [column for column, cell in enumerate(row) if column and cell]
    if not columns or not all(_holds_numbers(column, body) for column in columns):
        return False
    return not row[0] or any(not above[column] for column in columns)


def _holds_numbers(column: int, body: Sequence[Sequence[str]]) -> bool:
    cells = [row[column] for row in body[:_SAMPLE] if row[column]]
    return bool(cells) and sum(map(is_number, cells)) * 2 > len(cells)


def _reach_right(row: list[str], below: Sequence[str]) -> None:
    """Let a name reach over the blanks right of it which the row below divides, but not the row labels'."""
    for column in range(2, len(row)):
        if not row[column] and below[column] and row[column - 1]:
            row[column] = row[column - 1]
