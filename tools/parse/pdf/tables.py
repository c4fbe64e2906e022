"""Tables that go on over several pages of a PDF."""

from collections.abc import Iterator, Sequence

from tools.parse.pdf.grid_table import Table
from tools.parse.pdf.page import Part

_NEAR = 6.0  # points


def without_repeated_headers(parts: Sequence[Part]) -> Iterator[Part]:
    """`parts`; a table that begins a page and goes on with the one that ended the page before has its header, once."""
    before: Part | None = None
    for part in parts:
        if isinstance(part, Table) and isinstance(before, Table) and _goes_on(before, part):
            header = before.rows[0]
            repeated = _same(part.rows[0], header)
            part = part._replace(rows=[header, *part.rows[1 if repeated else 0 :]])
        yield part
        before = part


def _goes_on(before: Table, table: Table) -> bool:
    """Whether two tables without text between them are parts of one."""
    same_place = abs(before.left - table.left) <= _NEAR and abs(before.right - table.right) <= _NEAR
    same_header = _same(before.rows[0], table.rows[0])
    next_page = table.page == before.page + 1 and len(before.rows[0]) == len(table.rows[0])
    return next_page and not table.title and (same_header or same_place)


def _same(row: Sequence[str], other: Sequence[str]) -> bool:
    return " ".join(row).split() == " ".join(other).split()
