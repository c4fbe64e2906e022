"""HTTP as a person who has signed in: their token goes with each request, and one that is too old is refreshed.

What is stored is read for each request, so that signing out, and what other processes refresh, count at once.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import httpx2
from psycopg import Error as PostgresError

from state.errors import KairosError
from state.postgres import tool_sign_ins
from state.postgres.tool_sign_ins import Claimed, Place
from tools.mcp.faults import SESSION_GONE, SIGN_IN, UNREACHABLE
from tools.mcp.http import fault_response

REFRESH_S, LOOK_S = 10.0, 0.1
REFUSED = frozenset({400, 401})
"""How an authorization server says that a refresh token counts no more (RFC 6749, 5.2)."""

Kept = Mapping[str, Any]
"""id of the sign-in, tokens, expires_at (seconds since 1970, or None), and what a refresh needs."""
Request = Callable[[Kept], Awaitable[httpx2.Request]]
Refreshed = Callable[[Kept, httpx2.Response], Awaitable[Kept | None]]


class _NotSentError(Exception):
    """What the request is answered with in place of the server."""

    def __init__(self, status: int, code: int) -> None:
        super().__init__(code)
        self.status, self.code = status, code


class SignedIn(httpx2.AsyncBaseTransport):
    """Of one session, which belongs to one sign-in. request: the refresh of a token; refreshed: what came of it."""

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport,
        place: Place,
        sign_in: str,
        request: Request,
        refreshed: Refreshed,
    ) -> None:
        self._inner, self._place, self._sign_in = inner, place, sign_in
        self._request, self._refreshed = request, refreshed
        self._origin = _origin(httpx2.URL(place.url))
        self._renewing: asyncio.Task[str] | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        try:
            token = await self._current()
            response = await self._sent(request, token)
            if response.status_code != 401:
                return response
            await response.aclose()
            return await self._sent(request, await self._newer(token))
        except _NotSentError as error:
            return fault_response(error.status, error.code)
        except (KairosError, PostgresError, TimeoutError, httpx2.StreamError, ValueError):
            return fault_response(503, UNREACHABLE)

    async def aclose(self) -> None:
        if self._renewing is not None:
            await asyncio.wait((self._renewing,))
        await self._inner.aclose()

    async def _sent(self, request: httpx2.Request, token: str) -> httpx2.Response:
        if _origin(request.url) != self._origin:
            raise _NotSentError(502, UNREACHABLE)  # the token is for nobody else
        request.headers["Authorization"] = f"Bearer {token}"
        return await self._inner.handle_async_request(request)

    async def _current(self) -> str:
        kept = self._same(await tool_sign_ins.find(self._place))
        return await self._newer(_token(kept)) if _is_old(kept) else _token(kept)

    async def _newer(self, used: str) -> str:
        """Another token, which all calls wait for together; it is not lost with a call that is given up."""
        if self._renewing is None or self._renewing.done():
            self._renewing = asyncio.create_task(self._renewed(used))
            self._renewing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(self._renewing)

    async def _renewed(self, used: str) -> str:
        """That which somebody stored meanwhile, or a refreshed one."""
        async with asyncio.timeout(REFRESH_S):
            while True:
                kept = self._same(await tool_sign_ins.find(self._place))
                if _token(kept) != used and not _is_old(kept):
                    return _token(kept)
                claimed = await tool_sign_ins.claim(self._place, REFRESH_S)
                if claimed is not None and claimed.value == kept:
                    return _token(await self._refresh(claimed))
                if claimed is not None:
                    await claimed.release()
                await asyncio.sleep(LOOK_S)

    async def _refresh(self, claimed: Claimed) -> Kept:
        kept = claimed.value
        if not kept["tokens"].get("refresh_token"):
            await claimed.forget()
            raise _NotSentError(401, SIGN_IN)
        response = await self._inner.handle_async_request(await self._request(kept))
        try:
            await response.aread()
        finally:
            await response.aclose()
        if response.status_code in REFUSED:
            await claimed.forget()
            raise _NotSentError(401, SIGN_IN)
        newer = await self._refreshed(kept, response) if response.status_code == 200 else None
        if newer is None:
            await claimed.release()
            raise _NotSentError(503, UNREACHABLE)
        await claimed.replace(newer)
        return newer

    def _same(self, kept: Kept | None) -> Kept:
        """What is kept, if the session is of that sign-in: another may be another account."""
        if kept is None:
            raise _NotSentError(401, SIGN_IN)
        if kept["id"] != self._sign_in:
            raise _NotSentError(404, SESSION_GONE)
        return kept


def _token(kept: Kept) -> str:
    token: str = kept["tokens"]["access_token"]
    return token


def _is_old(kept: Kept) -> bool:
    return kept["expires_at"] is not None and time.time() >= kept["expires_at"]


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port
