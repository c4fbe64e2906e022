"""The model kairos/assistant: a whole governed turn behind a chat completion."""

import re
import time
from collections.abc import AsyncGenerator
from typing import Any

import orjson
from langchain_core.messages import BaseMessage, convert_to_messages
from starlette.responses import Response

from app.gateway.relay import Relay
from app.local import configure
from state.caller import Caller
from state.context import Context
from state.errors import KairosError
from tools.models.sse import DONE, Chunk

NAME = "kairos/assistant"
_PIECE = re.compile(r"\s*\S+")


async def answer(caller: Caller, body: dict[str, Any]) -> Response | Relay:
    """The last message is the question, those before it the conversation; only what was verified is sent."""
    if (allowed := caller.identity.models) and NAME not in allowed:
        raise KairosError("model_forbidden", f"This key may not call the model {NAME!r}.")
    *before, last = convert_to_messages(body["messages"])
    if last.type != "human":
        raise KairosError("request_invalid", "The last message must be the user's question.")
    state = await _turn(caller, str(last.text), [m for m in before if m.type in ("human", "ai")])
    if refusal := state.get("refusal"):
        raise KairosError("request_invalid", refusal["sentence"])
    headers = {"x-kairos-deployment": state["model"], "x-kairos-trace-id": state["trace_id"]}
    if body.get("stream"):
        return Relay(_pieces(state, body), headers)
    return Response(orjson.dumps(_completion(state)), 200, headers, "application/json")


async def _turn(caller: Caller, question: str, before: list[BaseMessage]) -> dict[str, Any]:
    from langgraph.checkpoint.memory import InMemorySaver

    from graphs.assistant import graph

    config = configure(caller.identity)
    turn = graph.copy({"checkpointer": InMemorySaver()})  # the client keeps the conversation
    if before:
        await turn.aupdate_state(config, {"messages": before}, as_node="record")
    found: dict[str, Any] = await turn.ainvoke({"question": question}, config, context=Context())
    return found


def _completion(state: dict[str, Any]) -> dict[str, Any]:
    message = {"role": "assistant", "content": state["answer"], "citations": state["citations"]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return {
        **_envelope(state, "chat.completion"),
        "choices": [choice],
        "usage": _usage(state),
        "kairos": _about(state),
    }


async def _pieces(state: dict[str, Any], body: dict[str, Any]) -> AsyncGenerator[bytes, None]:
    envelope = _envelope(state, "chat.completion.chunk")
    for piece in _PIECE.findall(state["answer"]):
        delta = {"role": "assistant", "content": piece}
        yield Chunk.of({**envelope, "choices": [{"index": 0, "delta": delta, "finish_reason": None}]}).raw
    last = {"index": 0, "delta": {"citations": state["citations"]}, "finish_reason": "stop"}
    yield Chunk.of({**envelope, "choices": [last], "kairos": _about(state)}).raw
    if (body.get("stream_options") or {}).get("include_usage"):
        yield Chunk.of({**envelope, "choices": [], "usage": _usage(state)}).raw
    yield DONE


def _envelope(state: dict[str, Any], kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{state['trace_id']}", "object": kind, "created": int(time.time()), "model": NAME}


def _usage(state: dict[str, Any]) -> dict[str, int]:
    usage = state["usage"]
    read, wrote = usage["input_tokens"], usage["output_tokens"]
    return {"prompt_tokens": read, "completion_tokens": wrote, "total_tokens": read + wrote}


def _about(state: dict[str, Any]) -> dict[str, Any]:
    return {
        "verdict": state["verdict"],
        "route": state["route"],
        "model": state["model"],
        "cost": state["usage"]["cost"],
    }
