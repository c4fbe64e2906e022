"""Values of sandboxed code as JSON."""

import json
import math
from collections.abc import Mapping
from typing import Any

DEEPEST = 20


def plain(value: Any, most: int) -> tuple[Any, bool]:
    """The nearest JSON value and False; text of `most` characters and True if that would be larger.

    Sets and tuples become lists, other things what they write of themselves.
    """
    found = _plain(value, DEEPEST)
    text = json.dumps(found, allow_nan=False, ensure_ascii=False)
    if len(text) <= most:
        return found, False
    return (found if isinstance(found, str) else text)[:most], True


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= 2000 else hex(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if depth == 0:
        return "…"
    if isinstance(value, Mapping):
        return {str(key): _plain(each, depth - 1) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(each, depth - 1) for each in value]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
