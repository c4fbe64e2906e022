"""The form of a whole answer: its length, JSON, plain text."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.guard.check import About, Check, Hit
from tools.guard.injection.closed import off_loop

_MARKDOWN = re.compile(
    r"^ {0,3}(?:#{1,6} |```|~~~|> ?\S|[-*+] \S|\|.{0,2000}\|\s*$|(?:[-*_] ?){3,100}$)"
    r"|\*\*[^*\s][^*\n]{0,500}\*\*|(?<!\w)__[^_\s][^_\n]{0,500}__(?!\w)|(?<!\w)\*[^*\s][^*\n]{0,500}\*(?!\w)"
    r"|`[^`\n]{1,500}`|!?\[[^\[\]\n]{1,500}\](?:\(|\[)",
    re.MULTILINE,
)


class Options(BaseModel):
    """max_characters: at most. json_only: nothing but JSON (RFC 8259). json_schema: JSON that is valid by this schema
    (draft 2020-12, without patterns, which may take exponential time). markdown: whether it may be used.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    max_characters: int | None = Field(None, gt=0)
    json_only: bool = False
    json_schema: dict[str, Any] | None = None
    markdown: bool = True

    @model_validator(mode="after")
    def _schema_is_one(self) -> Self:
        if self.json_schema is not None:
            from jsonschema import Draft202012Validator
            from jsonschema.exceptions import SchemaError

            try:
                Draft202012Validator.check_schema(self.json_schema)
            except SchemaError as error:
                raise ValueError(f"json_schema is no schema: {error.message}") from None
            if _is_unsafe(self.json_schema):
                raise ValueError("json_schema may hold no pattern, patternProperties, $ref or $dynamicRef")
        return self


_UNSAFE = frozenset({"pattern", "patternProperties", "$ref", "$dynamicRef"})
_NAMES = frozenset({"properties", "$defs", "dependentSchemas"})
"""Their keys are names of the writer's, not keywords."""


def _is_unsafe(schema: Any) -> bool:
    """Regular expressions; references too, which may lead to other files or in circles."""
    if isinstance(schema, dict):
        if _UNSAFE & schema.keys():
            return True
        parts = (list(part.values()) if name in _NAMES else part for name, part in schema.items())
        return any(map(_is_unsafe, parts))
    return isinstance(schema, list) and any(map(_is_unsafe, schema))


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """What is past the longest length, the first Markdown, or all of the text where it is not the JSON it must be."""
    return await off_loop(len(text), lambda: list(_find(text, options)))


def _find(text: str, options: Options) -> Iterator[Hit]:
    if options.max_characters is not None and len(text) > options.max_characters:
        yield Hit("characters", options.max_characters, len(text))
    must_be_json = options.json_only or options.json_schema is not None
    if must_be_json and (rule := _not_json(text, options.json_schema)):
        yield Hit(rule, 0, len(text))
    if not options.markdown and (mark := _MARKDOWN.search(text)):
        yield Hit("markdown", *mark.span())


def _not_json(text: str, schema: dict[str, Any] | None) -> str:
    """The rule that is broken, or nothing."""
    try:
        value = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return "json"
    if schema is None:
        return ""
    from jsonschema import Draft202012Validator

    return "" if Draft202012Validator(schema).is_valid(value) else "schema"


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


CHECK = Check(
    "format",
    frozenset({"output"}),
    find,
    "wrong_format",
    "The answer did not have the form that it must have here, so it was withheld.",
    Options,
    whole=True,
)
