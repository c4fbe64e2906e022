"""JSON schemas in the subset that OpenAI's strict mode takes (guide "Structured Outputs", supported schemas)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NO_PLACE = frozenset(
    {"not", "if", "then", "else", "prefixItems", "patternProperties", "dependentRequired", "dependentSchemas"}
)
# Not every model takes these in strict mode (OpenAI's fine-tuned ones refuse them); as words they help all the same.
_AS_WORDS = (
    "minLength", "maxLength", "pattern", "format", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum",
    "multipleOf", "minItems", "maxItems", "uniqueItems",
)  # fmt: skip


def strict(schema: Mapping[str, Any]) -> dict[str, Any] | None:
    """The schema in the subset: what fits it fits `schema` too, but for limits of values, which become words.

    None where it cannot be said: open objects, tuples, anything at all, a root that is no object.
    """
    defs = schema.get("$defs", {})
    root = _pointed_at(schema, defs)
    if root.get("type") != "object":
        return None
    try:
        found = _strict({key: value for key, value in root.items() if key != "$defs"})
        definitions = {name: _strict(part) for name, part in defs.items()}
    except _NoPlaceError:
        return None
    return found | ({"$defs": definitions} if definitions else {})


class _NoPlaceError(Exception):
    """A part that strict mode has no way to say."""


def _pointed_at(schema: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any]:
    """The root of a recursive model is a reference, which strict mode does not take there."""
    name = str(schema.get("$ref", "")).removeprefix("#/$defs/")
    found: Mapping[str, Any] = defs.get(name, schema)
    return found


def _strict(part: Any) -> dict[str, Any]:
    if not isinstance(part, dict) or part.keys() & _NO_PLACE:
        raise _NoPlaceError
    if "$ref" in part:
        return {"$ref": part["$ref"]}  # nothing may stand beside it
    if options := part.get("anyOf") or part.get("oneOf"):
        return _described(part) | {"anyOf": [_strict(option) for option in options]}
    if "allOf" in part:
        if len(part["allOf"]) != 1:
            raise _NoPlaceError
        return _strict(part["allOf"][0])
    return _described(part) | _typed(part)


def _typed(part: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {key: part[key] for key in ("type", "enum", "const") if key in part}
    match part.get("type"):
        case "object":
            if part.get("additionalProperties", False) is not False:
                raise _NoPlaceError
            properties = {name: _strict(value) for name, value in part.get("properties", {}).items()}
            closed = {"required": list(properties), "additionalProperties": False}
            return kept | {"properties": properties} | closed
        case "array":
            return kept | {"items": _strict(part.get("items"))}
        case str():
            return kept
    if "enum" in part or "const" in part:
        return kept
    raise _NoPlaceError


def _described(part: Mapping[str, Any]) -> dict[str, str]:
    limits = ", ".join(f"{key}: {part[key]}" for key in _AS_WORDS if key in part)
    words = " ".join(filter(None, (part.get("description"), f"({limits})" if limits else "")))
    return {"description": words} if words else {}
