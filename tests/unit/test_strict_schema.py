"""JSON schemas of Pydantic models in OpenAI's strict subset."""

from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, ConfigDict, Field, RootModel

from tools.models.strict_schema import strict


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]
    lives: int = 9


class Dog(BaseModel):
    kind: Literal["dog"]
    name: str | None = None


class Owner(BaseModel):
    """Somebody with animals."""

    name: str = Field(min_length=1, max_length=20, description="In full.")
    colour: Colour = Colour.RED
    pets: list[Annotated[Cat | Dog, Field(discriminator="kind")]] = []
    first: Cat = Field(default=Cat(kind="cat"), description="The oldest.")
    tags: set[str] = set()


class Tree(BaseModel):
    value: int
    children: list["Tree"] = []


class Empty(BaseModel):
    pass


class Prices(BaseModel):
    total: Decimal
    ratio: Annotated[float, Field(ge=0, le=1)]


class Mapping(BaseModel):
    counts: dict[str, int]


class Pair(BaseModel):
    both: tuple[int, str]


class Anything(BaseModel):
    what: Any


class Extra(BaseModel):
    model_config = ConfigDict(extra="allow")
    a: int


def parts(schema: Any) -> list[dict[str, Any]]:
    """Every object within a schema that is a schema of its own or holds some."""
    if isinstance(schema, list):
        return [found for one in schema for found in parts(one)]
    if not isinstance(schema, dict):
        return []
    return [schema, *(found for one in schema.values() for found in parts(one))]


@pytest.mark.parametrize("model", [Owner, Tree, Empty, Prices, Cat])
def test_every_object_is_closed_and_every_field_required(model: type[BaseModel]) -> None:
    found = strict(model.model_json_schema())
    assert found is not None
    Draft202012Validator.check_schema(found)
    assert found["type"] == "object"
    for part in parts(found):
        if part.get("type") == "object":
            assert part["additionalProperties"] is False
            assert part["required"] == list(part["properties"])
        if "$ref" in part:
            assert list(part) == ["$ref"]
            assert part["$ref"].removeprefix("#/$defs/") in found["$defs"]
        assert not part.keys() & {"default", "oneOf", "discriminator", "minLength", "minimum", "uniqueItems"}


@pytest.mark.parametrize("model", [Mapping, Pair, Anything, Extra, RootModel[list[int]]])
def test_what_the_subset_cannot_say(model: type[BaseModel]) -> None:
    assert strict(model.model_json_schema()) is None


def test_limits_become_words() -> None:
    found = strict(Owner.model_json_schema())
    assert found is not None
    assert found["properties"]["name"] == {
        "type": "string",
        "description": "In full. (minLength: 1, maxLength: 20)",
    }


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (
            Owner,
            {
                "name": "Ann",
                "colour": "blue",
                "pets": [{"kind": "dog", "name": None}],
                "first": {"kind": "cat", "lives": 1},
                "tags": ["a"],
            },
        ),
        (Tree, {"value": 1, "children": [{"value": 2, "children": []}]}),
        (Empty, {}),
        (Prices, {"total": "12.50", "ratio": 0.5}),
    ],
)
def test_what_fits_the_subset_fits_the_model(model: type[BaseModel], value: Any) -> None:
    found = strict(model.model_json_schema())
    assert found is not None
    Draft202012Validator(found).validate(value)
    Draft202012Validator(model.model_json_schema()).validate(value)


@pytest.mark.parametrize("value", [{"value": 1}, {"value": 1, "children": [], "more": 1}, {"value": "1"}])
def test_what_does_not_fit_the_subset(value: Any) -> None:
    found = strict(Tree.model_json_schema())
    assert found is not None
    assert not Draft202012Validator(found).is_valid(value)
