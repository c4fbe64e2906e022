"""What a model wrote for a form, read and validated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from state.errors import KairosError
from tools.models.json_objects import json_objects

MOST_PROBLEMS = 10
LONGEST_PROBLEM = 300

M = TypeVar("M", bound=BaseModel)


class MisfitError(Exception):
    """An answer that is no such object; `problems` say why, the first wrong field first."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(problems[0])
        self.problems = [problem[:LONGEST_PROBLEM] for problem in problems[:MOST_PROBLEMS]]


def written(name: str, choice: Mapping[str, Any]) -> str:
    """The arguments of the tool calls in a choice of the deployment `name`, else its text.

    Raises KairosError model_bad_answer if it declined: to ask again would be to press it.
    """
    message: Mapping[str, Any] = choice.get("message") or {}
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        raise KairosError("model_bad_answer", f"The model {name!r} declined to answer.")
    calls, content = message.get("tool_calls"), message.get("content")
    parts = (
        calls if isinstance(calls, list) and calls else content if isinstance(content, list) else [content]
    )
    return "\n".join(filter(None, map(_text, parts))).strip()


def fitting(schema: type[M], answer: str, finish: object) -> M:
    """The one object in an answer that is valid, without coercion ("3" is no number). Raises MisfitError."""
    if finish == "length":
        raise MisfitError(["the answer was cut off because it was too long"])
    try:
        objects = json_objects(answer)
    except ValueError as error:
        raise MisfitError([str(error)]) from None
    valid, wrong = [], None
    for one in objects:
        try:
            valid.append(schema.model_validate_json(one, strict=True))
        except ValidationError as error:
            wrong = error
    if not valid and wrong is not None:
        raise MisfitError(_problems(wrong)) from None
    if any(other != valid[0] for other in valid):
        raise MisfitError(["the answer holds several objects; one is asked for"])
    return valid[0]


def _text(part: object) -> str:
    match part:
        case str():
            return part
        case {"function": {"arguments": str(arguments)}}:
            return arguments
        case {"type": "text", "text": str(text)}:
            return text
    return ""


def _problems(error: ValidationError) -> list[str]:
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [f"{'.'.join(map(str, one['loc'])) or 'the object'}: {one['msg']}" for one in found]
