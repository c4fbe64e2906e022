"""Server-sent events as model providers send them (WHATWG HTML, section 9.2), with what each chunk says."""

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator
from dataclasses import dataclass
from typing import Any

import orjson

from tools.models.faults import UpstreamError

LONGEST_EVENT = 4_000_000
DONE = b"data: [DONE]\n\n"


@dataclass(frozen=True, slots=True)
class Chunk:
    """One event: its bytes as they came, and the object in it; None for the last one, [DONE]."""

    raw: bytes
    data: dict[str, Any] | None

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Chunk":
        """An event of our own."""
        return cls(b"data: " + orjson.dumps(data) + b"\n\n", data)


async def chunks(stream: AsyncIterable[bytes]) -> AsyncGenerator[Chunk, None]:
    """The events of a byte stream up to [DONE]; comments are passed over.

    Raises UpstreamError: bad_answer for what is no chunk, cut if the stream ends without [DONE] or a finish.
    """
    finished = False
    async for event in _events(stream):
        chunk = _parse(event)
        if chunk is None:
            continue
        yield chunk
        if chunk.data is None:
            return
        finished = finished or is_finished(chunk.data)
    if not finished:
        raise UpstreamError("cut")
    yield Chunk(DONE, None)


def is_finished(data: dict[str, Any]) -> bool:
    """Whether a chunk says why the answer ends."""
    return any(choice.get("finish_reason") for choice in data["choices"])


async def _events(stream: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    rest = b""
    async for piece in stream:
        rest += piece
        if b"\r" in rest:
            rest = rest.replace(b"\r\n", b"\n")
        *whole, rest = rest.split(b"\n\n")
        for event in whole:
            yield event
        if len(rest) > LONGEST_EVENT:
            raise UpstreamError("bad_answer")
    if rest.strip():
        yield rest


def _parse(event: bytes) -> Chunk | None:
    lines = [line[5:].strip() for line in event.split(b"\n") if line.startswith(b"data:")]
    if not lines:
        if event.strip() and not event.startswith((b":", b"event:", b"id:", b"retry:", b"\n")):
            raise UpstreamError("bad_answer")
        return None
    payload = b"\n".join(lines)
    if payload == b"[DONE]":
        return Chunk(DONE, None)
    try:
        data = orjson.loads(payload)
    except orjson.JSONDecodeError:
        raise UpstreamError("bad_answer") from None
    if isinstance(data, dict) and data.get("error"):
        error = data["error"]
        raise UpstreamError("failed", detail=str(error.get("message", "")) if isinstance(error, dict) else "")
    if not is_chunk(data):
        raise UpstreamError("bad_answer")
    return Chunk(event + b"\n\n", data)


def is_chunk(data: object) -> bool:
    """Whether this has the shape of a chat completion, whole or in part."""
    choices = data.get("choices") if isinstance(data, dict) else None
    return isinstance(choices, list) and all(
        isinstance(choice, dict) and isinstance(choice.get("delta", choice.get("message")), dict | None)
        for choice in choices
    )
