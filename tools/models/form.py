"""A structure that is asked of a model: how the request says so to each deployment."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import orjson

from tools.models.entry import OPENAI_PROTOCOL, Entry
from tools.models.strict_schema import strict
from tools.models.tokens import input_tokens

if TYPE_CHECKING:
    from pydantic import BaseModel

Way = Literal["grammar", "json_schema", "tools", "prompt"]
WAYS: tuple[Way, ...] = ("grammar", "json_schema", "tools", "prompt")
"""From the one that binds a model most to the one that only asks it."""

_READ_THE_SCHEMA = frozenset({"openai", "azure"})
"""Their models are shown a response format; elsewhere it only guides the sampling, so the messages say it too."""


@dataclass(frozen=True, slots=True)
class Form:
    """A JSON schema and, if it has one, its strict form; `ways` are left to try; `tokens` it adds at most."""

    name: str
    schema: Mapping[str, Any]
    strict: Mapping[str, Any] | None
    ways: tuple[Way, ...] = WAYS
    tokens: int = 0

    def way(self, entry: Entry) -> Way:
        """How a deployment is asked, by its capabilities."""
        for way in self.ways:
            by_body = way in ("tools", "prompt") or entry.provider in OPENAI_PROTOCOL
            if way == "prompt" or (by_body and way in entry.capabilities):
                return way
        return "prompt"

    def after(self, way: Way) -> Form:
        """Without this way and those before it."""
        return replace(self, ways=self.ways[self.ways.index(way) + 1 :])

    def body_for(self, entry: Entry, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request as this deployment is to read it."""
        way = self.way(entry)
        shown = way == "tools" or (way == "json_schema" and entry.provider in _READ_THE_SCHEMA)
        messages = body["messages"] if shown else [*body["messages"], self._instruction()]
        return {**body, **self._fields(way), "messages": messages}

    def bound(self) -> int:
        """Tokens that it adds to a request at most."""
        bodies = [{**self._fields(way), "messages": [self._instruction()]} for way in WAYS]
        return max(input_tokens(body) for body in bodies)

    def _fields(self, way: Way) -> dict[str, Any]:
        match way:
            case "prompt":
                return {}
            case "tools":
                function = {"name": self.name, "description": "Give the answer.", "parameters": self.schema}
                choice = {"type": "function", "function": {"name": self.name}}
                return {"tools": [{"type": "function", "function": function}], "tool_choice": choice}
        is_strict = way == "json_schema" and self.strict is not None
        schema = {"name": self.name, "schema": self.strict if is_strict else self.schema, "strict": is_strict}
        return {"response_format": {"type": "json_schema", "json_schema": schema}}

    def _instruction(self) -> dict[str, str]:
        schema = orjson.dumps(self.schema).decode()
        return {
            "role": "user",
            "content": "Answer with one JSON object and nothing else, without a code fence. It has to fit this JSON "
            f"schema:\n{schema}",
        }


def form(model: type[BaseModel]) -> Form:
    """The form of a Pydantic model. Raises TypeError for one that is no object, such as a list as its root."""
    schema = model.model_json_schema()
    if schema.get("type") != "object" and "$ref" not in schema:
        raise TypeError(f"{model.__name__} is no JSON object")
    name = re.sub(r"[^A-Za-z0-9_-]+", "_", model.__name__)[:64]
    made = Form(name, schema, strict(schema))
    return replace(made, tokens=made.bound())


def asked_again(answer: str, problems: Sequence[str]) -> list[dict[str, str]]:
    """What is added to a conversation whose answer did not fit: that answer, and what is wrong with it."""
    wrong = "\n".join(f"- {problem}" for problem in problems)
    return [
        {"role": "assistant", "content": answer or "(no answer)"},
        {
            "role": "user",
            "content": f"That answer does not fit:\n{wrong}\nGive the whole answer again, mended.",
        },
    ]
