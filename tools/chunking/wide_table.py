"""Tables whose header is too long to go along with every row: each row takes the names of the columns it fills."""

from typing import NamedTuple

from tools.parse.document import Element

LONGEST_HEADER = 300
"""Characters: a longer header would crowd the row out of what an embedder reads."""
_SHORTEST_NAME = 60
"""Characters that are left of a column's name however many columns there are."""


class Part(NamedTuple):
    """A row of a table, or some columns of it: where it begins, and the headings that a chunk in it carries."""

    start: int
    headings: tuple[str, ...]


def header_row(text: str, table: Element) -> str:
    """The first line of a table."""
    stop = text.find("\n", table.start, table.end)
    return text[table.start : table.end if stop < 0 else stop]


def short_header(row: str) -> str | None:
    """The header that a row carries, its names cut short where need be; None if it is too long even so."""
    header = f"Header: {row}"
    if len(header) > LONGEST_HEADER:
        header = f"Header: {' | '.join(_names(row))}"
    return header if len(header) <= LONGEST_HEADER else None


def wide_parts(text: str, table: Element) -> list[Part]:
    """The rows below a long header, each cut between columns wherever the names of more would be too long.

    A part carries the names of the columns it fills; one that does not begin its row carries the row's first cell.
    """
    row = header_row(text, table)
    names = _names(row)
    parts: list[Part] = []
    position = table.start + len(row) + 1
    for line in text[position : table.end].split("\n"):
        parts += _of_row(line, position, names)
        position += len(line) + 1
    return parts


def _of_row(line: str, position: int, names: list[str]) -> list[Part]:
    groups: list[tuple[int, list[str]]] = []
    size = 0
    for column, start, cell in _cells(line):
        name = names[column] if cell and column < len(names) else ""
        if not groups or (name and size + len(name) > LONGEST_HEADER - len("Header: ")):
            groups.append((position + start, []))
            size = 0
        if name:
            groups[-1][1].append(name)
            size += len(name) + 3
    label = next((cell for _, _, cell in _cells(line) if cell), "")[:_SHORTEST_NAME]
    return [Part(start, _headings(label if n else "", own)) for n, (start, own) in enumerate(groups)]


def _headings(label: str, names: list[str]) -> tuple[str, ...]:
    found = (f"Row: {label}" if label else "", f"Header: {' | '.join(names)}" if names else "")
    return tuple(heading for heading in found if heading)


def _cells(line: str) -> list[tuple[int, int, str]]:
    """Column, first character and text of the cells; an empty cell begins at its separator."""
    found, start = [], 0
    for column, raw in enumerate(line.split("|")):
        cell = raw.strip()
        found.append((column, start + (raw.index(cell) if cell else 0), cell))
        start += len(raw) + 1
    return found


def _names(row: str) -> list[str]:
    names = [name.strip() for name in row.split("|")]
    longest = max(_SHORTEST_NAME, (LONGEST_HEADER - len("Header: ")) // len(names) - 3)
    return [name[:longest].rstrip() for name in names]
