"""What servers say of their tools, looked at before anybody is offered them."""

import time
from typing import Any

import pytest

from tools.mcp.declaration import Declaration
from tools.mcp.schemas import checkable, wrong

EMPTY: dict[str, Any] = {"type": "object", "properties": {}}


def _declared(**parts: Any) -> Declaration:
    whole = {"name": "add", "description": "Add.", "parameters": EMPTY, "output": None, "annotations": {}}
    return Declaration.of({**whole, **parts})


def test_any_change_changes_the_hash_and_an_order_does_not() -> None:
    one = _declared(parameters={"type": "object", "title": "A"})
    assert one.sha256 == _declared(parameters={"title": "A", "type": "object"}).sha256
    others: list[dict[str, Any]] = [
        {"name": "add2"},
        {"description": "Add!"},
        {"parameters": {"type": "object", "title": "B"}},
        {"output": EMPTY},
        {"annotations": {"readOnlyHint": True}},
    ]
    hashes = {_declared(**{"parameters": one.parameters, **other}).sha256 for other in others}
    assert len({*hashes, one.sha256}) == 6
    assert _declared(description="New.").changes(one.plain) == ["description", "parameters"]
    assert Declaration.of(one.plain) == one


@pytest.mark.parametrize("text", ["a\u200bb", "a\u202eb", "a\U000e0041", "a\x1b[8m", "a\ue000", "a\u00ad"])
def test_hidden_characters_are_found_wherever_they_are(text: str) -> None:
    assert _declared(description=text).hidden
    assert _declared(parameters={"type": "object", "properties": {text: {}}}).hidden
    assert _declared(output={"type": "object", "description": text}).hidden
    assert not _declared(description="Ask for a café,\n\tplease: 日本 ✓").hidden


def test_names_are_made_plain() -> None:
    assert _declared(name="drive/files.list").bare == "drive_files_list"
    assert _declared(name="").unusable
    assert _declared(name="x" * 65).unusable
    assert _declared(name="...").unusable


@pytest.mark.parametrize(
    ("parameters", "why"),
    [
        ({"type": "array"}, "no object"),
        ({"type": "object", "properties": {"a": {"$ref": "https://evil.example/a.json"}}}, "outside"),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, "outside"),
        ({"type": "object", "patternProperties": {"(a+)+$": {}}}, "for ever"),
        ({"type": "object", "description": "x" * 70_000}, "too large"),
        ({"type": "object", "required": "a"}, "no JSON Schema"),
        ({"type": "object", "properties": {"a": {"type": "stringy"}}}, "no JSON Schema"),
    ],
)
def test_what_cannot_be_used_is_said_so(parameters: dict[str, Any], why: str) -> None:
    assert why in _declared(parameters=parameters).unusable
    assert not _declared().unusable


def test_a_deep_schema_is_not_followed() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"properties": {"a": deep}}
    assert wrong({"type": "object", **deep})


def test_a_schema_that_multiplies_is_found_at_once() -> None:
    began = time.monotonic()
    doubled: dict[str, Any] = {f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(60)}
    assert "too long" in wrong(
        {"type": "object", "allOf": [{"$ref": "#/$defs/d0"}], "$defs": {**doubled, "d60": {}}}
    )
    assert time.monotonic() - began < 5


def test_a_circle_that_goes_nowhere_is_found() -> None:
    tree = {"type": "object", "properties": {"child": {"$ref": "#"}}}
    assert not wrong(tree)
    assert "too long" in wrong({"type": "object", "allOf": [{"$ref": "#"}]})
    inner = {"anyOf": [{"$ref": "#/$defs/b"}]}
    named = {"a": inner, "b": {"not": {"if": {"$ref": "#/$defs/a"}}}}
    assert "too long" in wrong({"type": "object", "properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": named})


def test_slow_patterns_are_left_to_the_server() -> None:
    properties = {
        "slow": {"type": "string", "pattern": "^(a+)+$"},
        "two": {"type": "string", "pattern": "^.*.*=$"},
        "ranges": {"type": "string", "pattern": "^a{1,500}a{1,500}$"},
        "date": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
        "one": {"type": "string", "pattern": "^(a|b)?[0-9]+$"},
        "pattern": {"type": "string"},
    }
    kept = checkable({"type": "object", "properties": properties})["properties"]
    assert {name for name, about in kept.items() if "pattern" in about} == {"date", "one"}
    assert set(kept) == set(properties)
