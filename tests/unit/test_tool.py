"""The contract of a tool: arguments and results are held against their schemas."""

from typing import Any
from uuid import UUID

import pytest

from state.errors import KairosError
from state.identity import Identity
from tools.tool import Arguments, Result, Tool, from_json

US = Identity("default", "ada")
NUMBER = {
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
    "additionalProperties": False,
}


def tool(given: Any, parameters: dict[str, Any] = NUMBER, *, is_error: bool = False) -> Tool:
    async def run(arguments: Arguments, identity: Identity, key: UUID) -> Result:
        return Result("text", given, is_error)

    return Tool("test.give", "Gives.", parameters, run, "read", True, NUMBER)


async def test_what_fits_goes_through() -> None:
    assert (await tool({"n": 2}).call({"n": 1}, US)).structured == {"n": 2}


@pytest.mark.parametrize("arguments", [{}, {"n": "1"}, {"n": 1, "m": 2}, {"n": 1.5}])
async def test_wrong_arguments_are_refused_before_anything_runs(arguments: dict[str, Any]) -> None:
    with pytest.raises(KairosError) as refused:
        await tool({"n": 2}).call(arguments, US)
    assert refused.value.code == "tool_arguments_invalid"
    assert "test.give" in refused.value.sentence


@pytest.mark.parametrize("given", [None, {}, {"n": "2"}])
async def test_a_result_that_was_not_promised_is_refused(given: Any) -> None:
    with pytest.raises(KairosError) as refused:
        await tool(given).call({"n": 1}, US)
    assert refused.value.code == "tool_result_invalid"


async def test_an_error_needs_no_form() -> None:
    assert (await tool(None, is_error=True).call({"n": 1}, US)).is_error


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "thing"},
        {"$ref": "http://127.0.0.1:9/schema.json"},
        {"$ref": "#/nowhere"},
        {"properties": {"n": {"pattern": "("}}},
        {"properties": {"n": {"$ref": "#"}}, "$ref": "#"},
    ],
)
async def test_a_schema_that_is_none_lets_nothing_through_and_fetches_nothing(schema: dict[str, Any]) -> None:
    with pytest.raises(KairosError) as refused:
        await tool({"n": 2}, schema).call({"n": "x"}, US)
    assert refused.value.code == "tool_schema_invalid"


async def test_what_is_told_is_short() -> None:
    with pytest.raises(KairosError) as refused:
        await tool({"n": 2}).call({"n": "x" * 100_000}, US)
    assert len(refused.value.sentence) < 300


def test_arguments_are_a_json_object() -> None:
    assert from_json("a", '{"n": 1}') == {"n": 1}
    for text in ("", "[1]", "{", "1", "[" * 100_000):
        with pytest.raises(KairosError) as refused:
            from_json("a", text)
        assert refused.value.code == "tool_arguments_invalid"
