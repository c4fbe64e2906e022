"""One page of a PDF to lines and tables in reading order."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from tools.parse.pdf.aligned import table_of
from tools.parse.pdf.columns import Item, regions_of
from tools.parse.pdf.grid import Rule, grids_of, level_rules, upright_rules
from tools.parse.pdf.grid_table import Table, table_in
from tools.parse.pdf.lines import Line, Run, line_of, rows_of, runs_of
from tools.parse.pdf.rules import Drawn
from tools.parse.pdf.words import Layer, Word

Part = Line | Table

_MOST_RULES = 60  # of one width; more are a drawing or ruled paper
_FAR = 1.6  # times the height of a row: the next row is of another table


def parts_of(layers: Sequence[Layer], drawn: Drawn, number: int) -> list[Part]:
    """The lines and tables of page `number`; `drawn` is seen from the first layer, which alone has tables."""
    parts: list[Part] = []
    for index, layer in enumerate(layers):
        tables, words = _ruled_tables(drawn, layer.words) if index == 0 else ([], layer.words)
        for region in regions_of([*runs_of(words), *tables]):
            parts += _in_region(region, number)
    return parts


def _ruled_tables(drawn: Drawn, words: list[Word]) -> tuple[list[Table], list[Word]]:
    """The tables that rules show, and the words outside them."""
    across, down = level_rules(drawn), upright_rules(drawn)
    tables: list[Table] = []
    for grid in grids_of(across, down):
        table = table_in(grid, words)
        if table:
            tables.append(table)
            words = _outside(words, table)
    for rules in _same_width(across):
        for table in _between(rules, words):
            tables.append(table)
            words = _outside(words, table)
    return tables, words


def _outside(words: list[Word], table: Table) -> list[Word]:
    return [word for word in words if not _is_within(word, table)]


def _is_within(word: Word, box: Table) -> bool:
    x, y = (word.left + word.right) / 2, (word.top + word.bottom) / 2
    return box.left - 1 <= x <= box.right + 1 and box.top - 1 <= y <= box.bottom + 1


def _same_width(across: Sequence[Rule]) -> list[list[Rule]]:
    """Rules that begin and end below one another."""
    groups: list[list[Rule]] = []
    for rule in across:
        for group in groups:
            if abs(group[0].start - rule.start) <= 4 and abs(group[0].end - rule.end) <= 4:
                group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if 2 <= len(group) <= _MOST_RULES]


def _between(rules: Sequence[Rule], words: Sequence[Word]) -> Iterator[Table]:
    """Tables between rules of one width, the tallest that begins at each; their outer rows may lack a rule."""
    left, right = rules[0].start - 1, max(rule.end for rule in rules) + 1
    rows = rows_of(runs_of(word for word in words if left <= (word.left + word.right) / 2 <= right))
    middles = [(row[0].top + row[0].bottom) / 2 for row in rows]
    first = 0
    while first < len(rules) - 1:
        for last in range(len(rules) - 1, first, -1):
            start, end = bisect_left(middles, rules[first].at), bisect_left(middles, rules[last].at)
            if start == end:
                break
            start -= start > 0 and len(rows[start - 1]) > 1 and _is_near(rows[start - 1], rows[start])
            end += end < len(rows) and len(rows[end]) > 1 and _is_near(rows[end - 1], rows[end])
            inner = [rule for rule in rules[first : last + 1] if middles[start] < rule.at < middles[end - 1]]
            table = table_of(rows[start:end], inner, least=2 if inner else 3)
            if table:
                yield table
                first = last
                break
        first += 1


def _in_region(items: Sequence[Item], number: int) -> Iterator[Part]:
    """The parts of a region from the top; rows whose cells stand below one another become tables."""
    tables = sorted((item for item in items if isinstance(item, Table)), key=lambda table: table.top)
    rows = rows_of(item for item in items if isinstance(item, Run))
    start = 0
    for table in tables:
        end = start
        while end < len(rows) and rows[end][0].top + rows[end][0].bottom < table.top + table.bottom:
            end += 1
        yield from _in_rows(rows[start:end], number)
        yield table._replace(page=number)
        start = end
    yield from _in_rows(rows[start:], number)


def _in_rows(rows: Sequence[list[Run]], number: int) -> Iterator[Part]:
    start = 0
    while start < len(rows):
        end = _last_aligned(rows, start)
        table = table_of(rows[start:end]) if end - start >= 3 else None
        if table:
            yield table._replace(page=number)
            start = end
        else:
            yield line_of(rows[start], number)
            start += 1


def _last_aligned(rows: Sequence[list[Run]], start: int) -> int:
    """Where rows end that begin at `start` and have wide gaps in them, but for single rows in between."""
    end = at = start
    while at < len(rows) and (at == start or _is_near(rows[at - 1], rows[at])):
        if len(rows[at]) > 1:
            end = at + 1
        elif at > end or at == start:
            break
        at += 1
    return end


def _is_near(above: Sequence[Run], row: Sequence[Run]) -> bool:
    high = max(run.bottom - run.top for run in row)
    return min(run.top for run in row) - max(run.bottom for run in above) <= _FAR * high
