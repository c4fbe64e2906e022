"""HTTP to a server: every fault becomes a JSON-RPC error of its own call, and no answer is larger than it may be.

The library's transport would end the whole session, and all calls on it, where one request fails.
"""

from collections.abc import AsyncIterator, Callable, Mapping

import httpx2

from tools.mcp.faults import BUSY, LOST, NOT_LET_IN, SESSION_GONE, UNREACHABLE, UNREADABLE
from tools.mcp.flood import Allowance, FloodError

READ_S = 300.0
"""Without a byte a stream is given up; calls have timeouts of their own."""


def http_client(
    url: str,
    headers: Mapping[str, str],
    auth: httpx2.Auth | None,
    largest: int,
    connect_s: float,
    at_once: int,
    around: Callable[[httpx2.AsyncBaseTransport], httpx2.AsyncBaseTransport] | None = None,
) -> httpx2.AsyncClient:
    """A client for one server. largest: bytes of an answer, as they come. around: what stands before the transport."""
    limits = httpx2.Limits(max_connections=at_once + 10, max_keepalive_connections=at_once)
    transport = _Transport(url, largest, httpx2.AsyncHTTPTransport(limits=limits))
    return httpx2.AsyncClient(
        headers=dict(headers),
        auth=auth,
        timeout=httpx2.Timeout(READ_S, connect=connect_s),
        transport=around(transport) if around else transport,
    )


class _Transport(httpx2.AsyncBaseTransport):
    def __init__(self, url: str, largest: int, inner: httpx2.AsyncHTTPTransport) -> None:
        self._url = httpx2.URL(url)
        self._largest = largest
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            response = await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return fault_response(503, UNREACHABLE)
        except httpx2.TransportError:
            return fault_response(502, LOST)
        if request.method == "POST" and request.url == self._url and (code := _meaning(request, response)):
            await response.aclose()
            kept = {
                name: response.headers[name] for name in ("www-authenticate",) if name in response.headers
            }
            return fault_response(response.status_code if response.is_error else 502, code, kept)
        assert isinstance(response.stream, httpx2.AsyncByteStream)  # noqa: S101 - an async transport gives one
        response.stream = _Stream(response.stream, self._largest)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Stream(httpx2.AsyncByteStream):
    """A body whose every fault is a StreamError, which costs one call only."""

    def __init__(self, inner: httpx2.AsyncByteStream, largest: int) -> None:
        self._inner = inner
        self._allowance = Allowance(largest)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._inner:
                self._allowance.spend(chunk)
                yield chunk
        except FloodError:
            raise httpx2.StreamError("It is larger than it may be.") from None
        except httpx2.TransportError:
            raise httpx2.StreamError("The connection was lost.") from None

    async def aclose(self) -> None:
        await self._inner.aclose()


def _meaning(request: httpx2.Request, response: httpx2.Response) -> int:
    """What a status says that no body says better; 0: let it pass."""
    status = response.status_code
    if response.headers.get("content-encoding", "identity") != "identity":
        return UNREADABLE  # nobody asked for it, and a small one may grow without bounds
    if status in (401, 403):
        return NOT_LET_IN
    if status == 404 and "mcp-session-id" in request.headers:
        return SESSION_GONE
    if status == 429:
        return BUSY
    is_json = response.headers.get("content-type", "").startswith("application/json")
    return LOST if status >= 500 and not is_json else 0


def fault_response(status: int, code: int, headers: Mapping[str, str] | None = None) -> httpx2.Response:
    """A JSON-RPC error by which `faults` knows what happened."""
    body = {"jsonrpc": "2.0", "id": None, "error": {"code": code, "message": ""}}
    return httpx2.Response(status, headers=dict(headers or {}), json=body)
