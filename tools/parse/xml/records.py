"""Data in XML: leaves as "name: value", repeated records as tables."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from tools.parse.xml.tree import inline, is_mixed, local

if TYPE_CHECKING:
    from lxml.etree import _Element

_DEEPEST = 3  # levels of a record that fit into a row
_MOST_COLUMNS = 40
_LONGEST_ROW = 600  # characters on average; longer records read better one by one
_FULL = 0.5  # share of the cells that a table must fill


def is_data(node: "_Element", document: Collection[str]) -> bool:
    """Whether an element is a leaf, or holds leaves only, none of them a tag of a text."""
    if not local(node) or local(node) in document:
        return False
    return all(not len(child) and local(child) not in document for child in node) and (
        not len(node) or not is_mixed(node)
    )


def pairs(node: "_Element") -> Iterator[str]:
    """The lines of a leaf, or one line for an element of leaves."""
    if not len(node):
        if text := inline(node):
            yield f"{local(node)}: {text}"
        return
    leaves = [(local(child), text) for child in node if (text := inline(child))]
    alike = len({tag for tag, _ in leaves}) == 1
    if leaves:
        yield f"{local(node)}: {', '.join(text if alike else f'{tag} {text}' for tag, text in leaves)}"


def record_table(parent: "_Element", document: Collection[str]) -> str:
    """Header and rows where `parent` holds only records of one kind, else nothing."""
    records = [child for child in parent if local(child)]
    if len(records) < 2 or len({local(record) for record in records}) > 1 or local(records[0]) in document:
        return ""
    rows = [_flat(record, document, _DEEPEST) for record in records]
    whole = [row for row in rows if row is not None]
    columns = list(dict.fromkeys(key for row in whole for key in row))
    written = sum(len(cell) for row in whole for cell in row.values())
    if len(whole) < len(rows) or not 1 < len(columns) <= _MOST_COLUMNS or written > _LONGEST_ROW * len(rows):
        return ""
    if sum(map(len, whole)) < _FULL * len(columns) * len(rows):
        return ""
    lines = [columns, *([row.get(column, "") for column in columns] for row in whole)]
    return "\n".join(" | ".join(line) for line in lines)


def _flat(node: "_Element", document: Collection[str], depth: int) -> dict[str, str] | None:
    """Attributes and leaves of a record by name; None where it holds more than fits into a row."""
    row = {
        str(key).rpartition("}")[2]: str(value) for key, value in node.attrib.items() if str(value).strip()
    }
    if not len(node):
        return row | ({local(node): text} if (text := inline(node)) else {})
    if not depth or is_mixed(node):
        return None
    for child in node:
        if local(child) in document:
            return None
        inner = _flat(child, document, depth - 1)
        if inner is None:
            return None
        for key, value in inner.items():
            name = key if key == local(child) else f"{local(child)}.{key}"
            row[name] = f"{row[name]}, {value}" if name in row else value
    return row
