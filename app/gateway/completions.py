"""POST /v1/chat/completions."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from starlette.requests import Request
from starlette.responses import Response

from app.gateway import assistant
from app.gateway.callers import caller_of
from app.gateway.relay import Relay
from app.gateway.replies import cost_header, headers, refused
from app.gateway.requests import check_chat, read
from state.errors import KairosError
from tools.models.call import Call
from tools.models.governed import Governed
from tools.models.opened import door
from tools.models.sse import Chunk


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
            return await _streamed(governed)
        answer = await governed.whole()
    except KairosError as error:
        return refused(error)
    return Response(answer, 200, headers(governed) | cost_header(governed), "application/json")


async def _streamed(governed: Governed) -> Relay:
    """The status is only sent when there is a first event: until then a failure is an HTTP error."""
    events = governed.stream()
    first = await anext(events)
    return Relay(_bytes(first, events), headers(governed))


async def _bytes(first: Chunk, events: AsyncGenerator[Chunk, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(events):
        yield first.raw
        async for chunk in events:
            yield chunk.raw
