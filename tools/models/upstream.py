"""One request to a deployment that speaks the OpenAI protocol, over one pool of connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any

import orjson

from tools.models.address import address
from tools.models.entry import Entry
from tools.models.faults import UpstreamError, of_status
from tools.models.sse import Chunk, chunks, is_chunk

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientSession

LONGEST_ANSWER = 64_000_000
LONGEST_ERROR = 20_000


class Upstream:
    """The connections of one event loop; they are opened when first needed."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    async def whole(self, entry: Entry, path: str, body: bytes) -> bytes:
        """The answer's bytes. Raises UpstreamError."""
        async with self._posted(entry, path, body, entry.timeouts.first) as response:
            answer = await _read(response, LONGEST_ANSWER)
            if len(answer) >= LONGEST_ANSWER:
                raise UpstreamError("bad_answer")
            return answer

    async def stream(self, entry: Entry, path: str, body: bytes) -> AsyncGenerator[Chunk, None]:
        """The events of a streamed answer. Raises UpstreamError, at the first one or later."""
        async with self._posted(entry, path, body, entry.timeouts.first) as response:
            if "event-stream" not in response.headers.get("content-type", ""):
                raise UpstreamError("bad_answer")
            found, patience = chunks(_pieces(response)), entry.timeouts.first
            async with aclosing(found):
                while True:
                    try:
                        # Around each chunk alone: the next one may be awaited by another task.
                        async with asyncio.timeout(patience):
                            chunk = await anext(found)
                    except StopAsyncIteration:
                        return
                    yield chunk
                    patience = entry.timeouts.between

    async def close(self) -> None:
        """Close the connections."""
        if self._session is not None:
            await self._session.close()

    @asynccontextmanager
    async def _posted(
        self, entry: Entry, path: str, body: bytes, seconds: float
    ) -> AsyncIterator[ClientResponse]:
        from aiohttp import ClientError, ClientTimeout

        limits = ClientTimeout(
            total=entry.timeouts.total, sock_connect=entry.timeouts.connect, sock_read=seconds
        )
        to = address(entry)
        assert to is not None  # noqa: S101 - only who speaks the protocol is called by bytes
        request = self._opened().post(
            to.base + path,
            params=to.query,
            data=body,
            headers={"content-type": "application/json", **to.headers},
            timeout=limits,
            allow_redirects=False,  # a key never follows a redirect
        )
        try:
            async with request as response:
                if response.status != 200:
                    raise await _refused(response)
                yield response
        except TimeoutError:
            raise UpstreamError("timeout") from None
        except (ClientError, OSError):
            raise UpstreamError("unreachable") from None

    def _opened(self) -> ClientSession:
        if self._session is None:
            from aiohttp import ClientSession, DummyCookieJar, TCPConnector

            self._session = ClientSession(
                connector=TCPConnector(limit=0, keepalive_timeout=30),
                cookie_jar=DummyCookieJar(),
                headers={"User-Agent": "kairos", "Accept-Encoding": "identity"},
            )
        return self._session


def completion(answer: bytes) -> dict[str, Any]:
    """A whole chat completion. Raises UpstreamError bad_answer for anything else."""
    data = object_of(answer)
    if not is_chunk(data) or not data["choices"]:
        raise UpstreamError("bad_answer")
    return data


def object_of(answer: bytes) -> dict[str, Any]:
    """A JSON object. Raises UpstreamError bad_answer for anything else."""
    try:
        data = orjson.loads(answer)
    except orjson.JSONDecodeError:
        raise UpstreamError("bad_answer") from None
    if not isinstance(data, dict):
        raise UpstreamError("bad_answer")
    return data


async def _pieces(response: ClientResponse) -> AsyncIterator[bytes]:
    from aiohttp import ClientError

    size = 0
    try:
        async for piece in response.content.iter_any():
            size += len(piece)
            if size > LONGEST_ANSWER:
                raise UpstreamError("bad_answer")
            yield piece
    except (ClientError, OSError):
        raise UpstreamError("cut") from None


async def _read(response: ClientResponse, most: int) -> bytes:
    """The body, or its first part."""
    found = bytearray()
    async for piece in response.content.iter_any():
        found += piece
        if len(found) >= most:
            break
    return bytes(found[:most])


async def _refused(response: ClientResponse) -> UpstreamError:
    body = await _read(response, LONGEST_ERROR)
    try:
        error = orjson.loads(body)["error"]
        detail = error if isinstance(error, str) else error["message"]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        detail = ""
    return of_status(response.status, response.headers, str(detail))
