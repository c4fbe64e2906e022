"""What comes in: a body within limits, and who sends it."""

from typing import Any

import orjson
from starlette.requests import Request

from state.errors import KairosError

LARGEST_BODY = 32_000_000
"""Bytes: some dozen pictures as data URLs."""


async def read(request: Request) -> tuple[bytes, dict[str, Any]]:
    """The body as bytes and as an object. Raises KairosError request_too_large or request_invalid."""
    found = bytearray()
    async for piece in request.stream():
        found += piece
        if len(found) > LARGEST_BODY:
            raise KairosError("request_too_large", f"The request is larger than {LARGEST_BODY:,} bytes.")
    raw = bytes(found)
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise KairosError("request_invalid", f"The request is not JSON: {error.msg}.") from None
    if not isinstance(body, dict):
        raise KairosError("request_invalid", "The request must be a JSON object.")
    if not isinstance(body.get("model"), str) or not body["model"]:
        raise KairosError("request_invalid", "The key 'model' is missing: the name of a model.")
    return raw, body


def check_chat(body: dict[str, Any]) -> None:
    """Raises KairosError request_invalid for messages and tools that no model could take."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages:
        raise KairosError("request_invalid", "The key 'messages' must be a list with at least one message.")
    for number, message in enumerate(messages):
        if not isinstance(message, dict) or not isinstance(message.get("role"), str):
            raise KairosError("request_invalid", f"messages.{number} is no object with a 'role'.")
    for name in ("max_tokens", "max_completion_tokens", "n"):
        if body.get(name) is not None and (not isinstance(body[name], int) or body[name] < 1):
            raise KairosError("request_invalid", f"The key {name!r} must be a whole number above 0.")
    if body.get("stream_options") is not None and not isinstance(body["stream_options"], dict):
        raise KairosError("request_invalid", "The key 'stream_options' must be an object.")
    _check_tools(body.get("tools"))


def _check_tools(tools: object) -> None:
    if tools is None:
        return
    if not isinstance(tools, list):
        raise KairosError("request_invalid", "The key 'tools' must be a list.")
    for number, tool in enumerate(tools):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or not isinstance(function.get("name"), str):
            raise KairosError("request_invalid", f"tools.{number} is no function with a name.")
        _check_schema(number, function["name"], function.get("parameters"))


def _check_schema(number: int, name: str, schema: object) -> None:
    if schema is None:
        return
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    if not isinstance(schema, dict):
        raise KairosError("request_invalid", f"tools.{number} ({name}): 'parameters' must be a JSON schema.")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        where = ".".join(str(step) for step in error.absolute_path)
        raise KairosError(
            "request_invalid",
            f"tools.{number} ({name}): 'parameters' is no JSON schema: {where}: {error.message}.",
        ) from None
