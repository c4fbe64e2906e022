"""Schemas that strangers wrote: what may be validated by them, without reaching out and without end."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

LARGEST, DEEPEST, DEAREST = 64_000, 32, 100_000
_REPEAT = r"(?:[*+]|\{\d*,\d*\})"
_SLOW = re.compile(rf"\)[*+{{]|{_REPEAT}.*{_REPEAT}", re.DOTALL)
"""A repeated group, or two repeats: matching may take time that grows as a power of what is given, or worse."""


def wrong(schema: Mapping[str, Any]) -> str:
    """Why nothing may be validated by it, as the end of a sentence; empty if it may."""
    import orjson
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        large = len(orjson.dumps(schema)) > LARGEST
    except orjson.JSONEncodeError:  # it is nested more deeply than it takes
        large = True
    if large:
        return "a schema of it is too large"
    if why := next((why for depth, key, value in walk(schema) if (why := _wrong_at(depth, key, value))), ""):
        return why
    if _is_endless(schema) or _cost(schema, schema, {}) > DEAREST:
        return "a schema of it takes too long to check"
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError:
        return "a schema of it is no JSON Schema"
    return ""


def checkable(schema: Any) -> Any:
    """A copy without the patterns that may take for ever to match: those its server checks alone."""
    if isinstance(schema, list):
        return [checkable(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {key: part for key, part in schema.items() if not _is_slow(key, part)}
    return {key: checkable(part) for key, part in kept.items()}


def walk(value: Any, key: str = "", depth: int = 0) -> Iterator[tuple[int, str, Any]]:
    """(depth, key, value) of every part, itself first; a little deeper than may be."""
    yield depth, key, value
    if depth > DEEPEST:
        return
    if isinstance(value, dict):
        for name, child in value.items():
            yield from walk(child, name, depth + 1)
    elif isinstance(value, list):
        for child in value:
            yield from walk(child, "", depth + 1)


def _wrong_at(depth: int, key: str, value: Any) -> str:
    if depth > DEEPEST:
        return "a schema of it is nested too deeply"
    if key in ("$ref", "$dynamicRef") and not (isinstance(value, str) and value.startswith("#")):
        return "a schema of it refers to something outside"
    if key == "patternProperties" and isinstance(value, dict) and any(map(_SLOW.search, value)):
        return "a pattern in a schema of it may take for ever to match"
    return ""


def _is_slow(key: str, value: Any) -> bool:
    return key == "pattern" and isinstance(value, str) and _SLOW.search(value) is not None


def _is_endless(schema: Mapping[str, Any]) -> bool:
    """Whether references lead in a circle without a step into what is validated."""
    from graphlib import CycleError, TopologicalSorter

    named = {value for _, key, value in walk(schema) if key == "$ref" and isinstance(value, str)}
    try:
        TopologicalSorter({one: _referred(_at(schema, one)) for one in named}).prepare()
    except CycleError:
        return True
    return False


def _referred(part: Any) -> set[str]:
    """What a schema refers to for the very same value."""
    if not isinstance(part, dict):
        return set()
    where = part.get("$ref")
    children: list[Any] = [part.get(key) for key in ("not", "if", "then", "else")]
    lists = [part.get(key) for key in ("allOf", "anyOf", "oneOf")]
    children += [child for found in lists if isinstance(found, list) for child in found]
    dependent = part.get("dependentSchemas")
    children += dependent.values() if isinstance(dependent, dict) else []
    own = {where} if isinstance(where, str) else set()
    return own.union(*map(_referred, children))


def _cost(part: Any, root: Mapping[str, Any], known: dict[str, int]) -> int:
    """Parts that are visited where references are followed each time: a few may make billions of them."""
    if isinstance(part, list):
        return sum(_cost(child, root, known) for child in part)
    if not isinstance(part, dict):
        return 0
    where = part.get("$ref")
    if isinstance(where, str) and where not in known:
        known[where] = 1  # while it is looked at: a circle ends when what is validated does
        known[where] = _cost(_at(root, where), root, known)
    followed = known[where] if isinstance(where, str) else 0
    return 1 + min(DEAREST + 1, followed + sum(_cost(child, root, known) for child in part.values()))


def _at(root: Any, where: str) -> Any:
    for step in where.removeprefix("#").split("/")[1:]:
        root = root.get(step.replace("~1", "/").replace("~0", "~")) if isinstance(root, dict) else None
    return root
