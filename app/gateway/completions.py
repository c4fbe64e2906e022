"""POST /v1/chat/completions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response

from app.gateway import assistant
from app.gateway.callers import caller_of
from app.gateway.relay import Relay, unless_left
from app.gateway.replies import ending, headers, refused
from app.gateway.requests import check_chat, read
from state.errors import KairosError
from tools.models.call import Call
from tools.models.governed import Governed
from tools.models.opened import door
from tools.models.sse import Chunk

LEFT = 499
"""What proxies log where the client has gone (nginx); nobody reads it."""


async def chat_completions(request: Request) -> Response | Relay:
    """A completion by a model of the catalog, or a whole governed turn of kairos/assistant."""
    try:
        caller = await caller_of(request)
        raw, body = await read(request)
        check_chat(body)
        if body["model"] == assistant.NAME:
            return await assistant.answer(caller, body)
        governed = Governed(await door(), Call(caller, body, asked=body["model"], raw=raw))
        if body.get("stream"):
            return await _streamed(governed, request)
        answer = await governed.whole()
    except KairosError as error:
        return refused(error)
    return Response(answer, 200, headers(governed) | ending(governed), "application/json")


async def _streamed(governed: Governed, request: Request) -> Response | Relay:
    """The status is only sent when there is a first event: until then a failure is an HTTP error."""
    events = governed.stream()
    first = await unless_left(_first(events), request.receive)
    if first is None:
        return Response(status_code=LEFT)
    return Relay(_bytes(first, events), headers(governed))


async def _first(events: AsyncGenerator[Chunk, None]) -> Chunk:
    return await anext(events)


async def _bytes(first: Chunk, events: AsyncGenerator[Chunk, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        yield first.raw
        async for chunk in events:
            yield chunk.raw
