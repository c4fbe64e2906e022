"""A deployment behind a LangChain chat model, spoken to as if it knew the OpenAI protocol."""

import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from typing import Any
from uuid import uuid4

import orjson
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, convert_to_messages
from langchain_core.messages.utils import message_chunk_to_message

from state.errors import KairosError
from tools.models.entry import Entry
from tools.models.errors import model_errors
from tools.models.faults import UpstreamError, of_code
from tools.models.sse import DONE, Chunk

_PASSED = ("temperature", "top_p", "stop", "max_tokens")
_FINISH = {
    "end_turn": "stop",
    "STOP": "stop",
    "COMPLETE": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
}


async def stream(model: BaseChatModel, entry: Entry, body: Mapping[str, Any]) -> AsyncGenerator[Chunk, None]:
    """The answer as chunks of the OpenAI protocol, usage last. Raises UpstreamError."""
    about = _envelope(entry, "chat.completion.chunk")
    last: AIMessageChunk | None = None
    async for piece in _pieces(model, entry, body):
        last = piece if last is None else last + piece
        if delta := _delta(piece):
            yield Chunk.of({**about, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    if last is None:
        raise UpstreamError("bad_answer")
    whole = message_chunk_to_message(last)
    assert isinstance(whole, AIMessage)  # noqa: S101 - what chat models give
    yield Chunk.of({**about, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(whole)}]})
    if usage := _usage(whole):
        yield Chunk.of({**about, "choices": [], "usage": usage})
    yield Chunk(DONE, None)


async def whole(model: BaseChatModel, entry: Entry, body: Mapping[str, Any]) -> bytes:
    """The whole answer as a chat completion. Raises UpstreamError."""
    last: AIMessageChunk | None = None
    async for piece in _pieces(model, entry, body):
        last = piece if last is None else last + piece
    if last is None:
        raise UpstreamError("bad_answer")
    answer = message_chunk_to_message(last)
    assert isinstance(answer, AIMessage)  # noqa: S101
    message: dict[str, Any] = {"role": "assistant", "content": str(answer.text)}
    if answer.tool_calls:
        message["tool_calls"] = [_tool_call(call) for call in answer.tool_calls]
    choice = {"index": 0, "message": message, "finish_reason": _finish(answer)}
    found = {**_envelope(entry, "chat.completion"), "choices": [choice]}
    return orjson.dumps(found | ({"usage": usage} if (usage := _usage(answer)) else {}))


async def _pieces(
    model: BaseChatModel, entry: Entry, body: Mapping[str, Any]
) -> AsyncIterator[AIMessageChunk]:
    try:
        with model_errors(entry.name):
            async for piece in _bound(model, body).astream(convert_to_messages(body["messages"])):
                yield piece
    except KairosError as error:
        raise of_code(error.code) from error


def _bound(model: BaseChatModel, body: Mapping[str, Any]) -> Any:
    settings = {name: body[name] for name in _PASSED if body.get(name) is not None}
    if limit := body.get("max_completion_tokens"):
        settings["max_tokens"] = limit
    if not body.get("tools"):
        return model.bind(**settings) if settings else model
    choice = {"tool_choice": _tool_choice(body["tool_choice"])} if body.get("tool_choice") else {}
    try:
        return model.bind_tools(body["tools"], **choice, **settings)
    except (ValueError, TypeError, NotImplementedError) as error:  # what a package does not take is not sent
        raise UpstreamError("refused", detail=str(error)) from error


def _tool_choice(given: Any) -> Any:
    """As LangChain's packages take it: a tool by its name, and "any" for what OpenAI calls "required"."""
    match given:
        case {"function": {"name": str(name)}}:
            return name
        case "required":
            return "any"
    return given


def _delta(piece: AIMessageChunk) -> dict[str, Any]:
    delta: dict[str, Any] = {"role": "assistant", "content": str(piece.text)} if piece.text else {}
    if piece.tool_call_chunks:
        delta["tool_calls"] = [
            {
                "index": call["index"] or 0,
                "function": {"name": call["name"], "arguments": call["args"] or ""},
                **({"id": call["id"], "type": "function"} if call["id"] else {}),
            }
            for call in piece.tool_call_chunks
        ]
    return delta


def _tool_call(call: Any) -> dict[str, Any]:
    arguments = orjson.dumps(call["args"]).decode()
    return {"id": call["id"], "type": "function", "function": {"name": call["name"], "arguments": arguments}}


def _finish(message: AIMessage) -> str:
    about = message.response_metadata
    reason = str(about.get("finish_reason") or about.get("stop_reason") or about.get("stopReason") or "stop")
    return "tool_calls" if message.tool_calls else _FINISH.get(reason, reason)


def _usage(message: AIMessage) -> dict[str, Any] | None:
    if (usage := message.usage_metadata) is None:
        return None
    cached = (usage.get("input_token_details") or {}).get("cache_read") or 0
    return {
        "prompt_tokens": usage["input_tokens"],
        "completion_tokens": usage["output_tokens"],
        "total_tokens": usage["total_tokens"],
        "prompt_tokens_details": {"cached_tokens": cached},
    }


def _envelope(entry: Entry, kind: str) -> dict[str, Any]:
    return {
        "id": f"chatcmpl-{uuid4().hex}",
        "object": kind,
        "created": int(time.time()),
        "model": entry.model,
    }
