"""The rows below a header, each with the label it is found by."""

import re
from collections.abc import Sequence, Set
from itertools import pairwise

from tools.parse.values import is_number, is_value

_SUM = re.compile(r"(?:grand |sub-?)?(?:total|sum)\b|all\b", re.I)


def labelled(body: Sequence[Sequence[str]], titles: Set[int] = frozenset()) -> list[list[str]]:
    """`body` with blank labels repeated from above, and rows below a section's title named after it too.

    `titles` are the rows that are one cell merged over all columns. A section's title stays as a row of one
    cell; rows without any text are left out.
    """
    rows = [(index in titles, list(row)) for index, row in enumerate(body) if any(row)]
    if not rows or len(rows[0][1]) < 2:
        return [row for _, row in rows]
    _repeat_labels([row for _, row in rows])
    sections = _has_sections(rows)
    named: list[list[str]] = []
    section = ""
    for merged, row in rows:
        if merged or (sections and _is_lone(row)):
            section = row[0].rstrip(":")
            named.append([row[0]])
        elif section and row[0] and not _SUM.match(row[0]):
            named.append([f"{section}: {row[0]}", *row[1:]])
        else:
            named.append(row)
    return named


def _repeat_labels(rows: list[list[str]]) -> None:
    """Fill a blank first cell from above, where the second cell is a label as well."""
    for above, row in pairwise(rows):
        both = above[0] and above[1] and not is_value(above[1])
        if not row[0] and both and row[1] and not is_value(row[1]) and not _SUM.match(row[1]):
            row[0] = above[0]


def _has_sections(rows: list[tuple[bool, list[str]]]) -> bool:
    """Whether lone cells are titles and not rows without values: the table begins with one, or one is merged."""
    if any(merged for merged, _ in rows):
        return True
    return len(rows) > 1 and _is_lone(rows[0][1]) and not _is_lone(rows[1][1])


def _is_lone(row: Sequence[str]) -> bool:
    return len(row) > 2 and bool(row[0]) and not is_number(row[0]) and not any(row[1:])
