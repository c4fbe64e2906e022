"""The plain values of a call's arguments, and what the schema says of each."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from state.errors import KairosError

DEPTH = 32
LEAVES = 5000
_BITS = 1024
Plain = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value with its path ("to[0].email"), the names on the way to it, and its part of the schema.

    is_key: it is no value but a key that no schema names.
    """

    path: str
    names: tuple[str, ...]
    value: Plain
    schema: dict[str, Any]
    is_key: bool = False


def leaves(value: object, schema: dict[str, Any] | None = None) -> list[Leaf]:
    """All plain values, in order, and the keys that no schema names. Raises KairosError `arguments_too_large`."""
    found: list[Leaf] = []
    for leaf in _walk(value, schema or {}, "", (), 0):
        found.append(leaf)
        if len(found) > LEAVES:
            raise _too_large()
    return found


def _walk(
    value: object, schema: dict[str, Any], path: str, names: tuple[str, ...], depth: int
) -> Iterator[Leaf]:
    if depth > DEPTH or (isinstance(value, int) and value.bit_length() > _BITS):
        raise _too_large()
    if isinstance(value, dict):
        known = schema.get("properties")
        known = known if isinstance(known, dict) else {}
        for key, inner in value.items():
            if str(key) not in known:
                yield Leaf(path or str(key), (), str(key), {}, is_key=True)
            step = f"{path}.{key}" if path else str(key)
            yield from _walk(inner, _part(known.get(key)), step, (*names, str(key)), depth + 1)
    elif isinstance(value, (list, tuple)):
        items = _part(schema.get("items"))
        for index, inner in enumerate(value):
            yield from _walk(inner, items, f"{path}[{index}]", names, depth + 1)
    elif value is None or isinstance(value, (str, int, float, bool)):
        yield from _plain(value, schema, path, names, depth)
    else:
        raise _too_large()


def _plain(
    value: Plain, schema: dict[str, Any], path: str, names: tuple[str, ...], depth: int
) -> Iterator[Leaf]:
    yield Leaf(path, names, value, schema)
    if isinstance(value, str) and value.lstrip()[:1] in ("{", "["):
        try:
            inner = json.loads(value)
        except (ValueError, RecursionError):
            return
        yield from _walk(inner, {}, path, names, depth + 1)


def _part(schema: object) -> dict[str, Any]:
    return schema if isinstance(schema, dict) else {}


def _too_large() -> KairosError:
    return KairosError("arguments_too_large", "The arguments of this call are nested too deeply or too many.")
