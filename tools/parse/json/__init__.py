"""JSON and JSON Lines to blocks: what a person would read, with the path as heading."""

import json
from collections.abc import Iterator
from typing import Any

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.json.rich import is_rich, rich_blocks
from tools.parse.media_types import JSON, JSONL

_MOST_VALUES = 2_000_000
_DEEPEST = 12  # levels that are read; what lies deeper is shown as it is written
_MOST_COLUMNS = 40
_LONGEST_ROW = 600  # characters on average; longer records read better one by one
_LONGEST_LINE = 200  # characters of a list of values that stands on one line
_FULL = 0.5  # share of the cells that a table must fill
_NAMES = ("title", "name", "label", "subject", "id", "key")


def parse_json(name: str, data: bytes) -> Document:
    """Objects as "key: value" lines, lists of like objects as tables; rich text documents as the text they are."""
    value = json.loads(decode(data), parse_int=str, parse_float=str)
    if is_rich(value):
        blocks = list(rich_blocks(value))
        return assemble(title_of(name, blocks), JSON, blocks)
    return _document(name, value, JSON)


def parse_json_lines(name: str, data: bytes) -> Document:
    """The values of all lines as one list, as `parse_json`."""
    lines = (line for line in decode(data).split("\n") if line.strip())
    return _document(name, [json.loads(line, parse_int=str, parse_float=str) for line in lines], JSONL)


def _document(name: str, value: Any, media_type: str) -> Document:
    _check(name, value)
    found = next((value[key] for key in ("title", "name") if isinstance(value, dict) and key in value), None)
    title = found if isinstance(found, str) and found.strip() else title_of(name, [])
    return assemble(title, media_type, _blocks(value, ()))


def _check(name: str, value: Any) -> None:
    """Refuse a file of more values than can be shown."""
    count, stack = 0, [value]
    while stack:
        inner = stack.pop()
        items = inner.values() if isinstance(inner, dict) else inner
        count += len(items) if isinstance(inner, dict | list) else 0
        stack += (
            [item for item in items if isinstance(item, dict | list)]
            if isinstance(inner, dict | list)
            else []
        )
        if count > _MOST_VALUES:
            raise KairosError("file_too_large", f"{name} holds more than {_MOST_VALUES} values.")


def _blocks(value: Any, path: tuple[str, ...]) -> Iterator[Block]:
    if len(path) > _DEEPEST:
        yield Block("code", json.dumps(value, ensure_ascii=False))
    elif isinstance(value, dict):
        yield from _object(value, path)
    elif isinstance(value, list):
        yield from _list(value, path)
    elif shown := _shown(value):
        yield Block("paragraph", shown)


def _object(value: dict[str, Any], path: tuple[str, ...]) -> Iterator[Block]:
    """The plain values as lines, then each inner object or list under its path."""
    plain = {key: shown for key, inner in value.items() if (shown := _line(inner)) is not None}
    yield Block("paragraph", "\n".join(f"{key}: {shown}" for key, shown in plain.items() if shown))
    for key, inner in value.items():
        if key not in plain:
            yield _heading((*path, key))
            yield from _blocks(inner, (*path, key))


def _list(value: list[Any], path: tuple[str, ...]) -> Iterator[Block]:
    if (line := _line(value)) is not None:
        yield Block("paragraph", line)
    elif rows := _table(value):
        yield Block("table", "\n".join(" | ".join(row) for row in rows))
    elif all(_line(item) is not None for item in value):
        yield Block("list", "\n".join(f"- {_line(item)}" for item in value))
    else:
        for number, item in enumerate(value, 1):
            inner = (*path, _name(item) or str(number))
            yield _heading(inner)
            yield from _blocks(item, inner)


def _table(value: list[Any]) -> list[list[str]]:
    """Header and rows of a list of like objects of short values, else nothing."""
    if len(value) < 2 or not all(isinstance(item, dict) for item in value):
        return []
    flat = [_flat(item) for item in value]
    if not all(record for record in flat):
        return []
    columns = list(dict.fromkeys(key for record in flat for key in record or ()))
    filled = sum(len(record or ()) for record in flat)
    written = sum(len(cell) for record in flat for cell in (record or {}).values())
    if not columns or len(columns) > _MOST_COLUMNS or filled < _FULL * len(columns) * len(flat):
        return []
    if written > _LONGEST_ROW * len(flat):
        return []
    return [columns, *([(record or {}).get(column, "") for column in columns] for record in flat)]


def _flat(item: dict[str, Any], prefix: str = "") -> dict[str, str] | None:
    """The values of an object and of plain objects in it; None where it holds more than fits into a row."""
    row: dict[str, str] = {}
    for key, value in item.items():
        if isinstance(value, dict) and not prefix and value:
            inner = _flat(value, f"{key}.")
            if inner is None:
                return None
            row |= inner
        elif (line := _line(value)) is None:
            return None
        else:
            row[prefix + key] = " ".join(line.split())
    return row


def _line(value: Any) -> str | None:
    """A value, or a short list of values, on one line; None for what needs more room."""
    if isinstance(value, list):
        if any(isinstance(item, dict | list) for item in value):
            return None
        line = ", ".join(filter(None, map(_shown, value)))
        return line if len(line) <= _LONGEST_LINE else None
    return None if isinstance(value, dict) and value else _shown(value)


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None or value == {} else str(value)


def _name(item: Any) -> str:
    """How a record names itself."""
    if not isinstance(item, dict):
        return ""
    names = (item.get(key) for key in _NAMES)
    return next((name for name in names if isinstance(name, str) and 0 < len(name.strip()) <= 100), "")


def _heading(path: tuple[str, ...]) -> Block:
    return Block("heading", " › ".join(part[:100] for part in path[-3:]), min(len(path), 6))
