"""A server over HTTP: every request has a caller before the protocol reads a byte of it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from mcp_servers.callers import Serving, on_behalf_of
from state.errors import KairosError
from state.identity import Identity

Who = Callable[[Scope], Awaitable[Identity]]
"""The caller of a request. Raises KairosError unauthenticated or origin_forbidden."""

LOOPBACK = TransportSecuritySettings(
    allowed_hosts=[f"{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]") for port in ("", ":*")],
    allowed_origins=[
        f"http://{name}{port}" for name in ("127.0.0.1", "localhost", "[::1]") for port in ("", ":*")
    ],
)
"""What a server on this machine answers to: other names are DNS rebinding, other origins another site's script."""


class Endpoint:
    """An ASGI endpoint for a route, which answers while it is `open`."""

    def __init__(self, who: Who) -> None:
        self._who = who
        self._app: ASGIApp | None = None

    @asynccontextmanager
    async def open(
        self, server: MCPServer[Serving], security: TransportSecuritySettings | None
    ) -> AsyncIterator[None]:
        """Within, requests are answered by `server`. security: Host and Origin checks, None: somebody else's task."""
        off = TransportSecuritySettings(enable_dns_rebinding_protection=False)
        server.streamable_http_app(transport_security=security or off)
        async with server.session_manager.run():
            self._app = server.session_manager.handle_request
            try:
                yield
            finally:
                self._app = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse with 401, 403 or 503."""
        if self._app is None:
            await JSONResponse({"error": "The server is not ready."}, 503)(scope, receive, send)
            return
        try:
            identity = await self._who(scope)
        except KairosError as error:
            await _refused(error)(scope, receive, send)
            return
        await self._app(on_behalf_of(identity, scope), receive, send)


def _refused(error: KairosError) -> JSONResponse:
    body = {"error": {"code": error.code, "sentence": error.sentence}}
    if error.code == "origin_forbidden":
        return JSONResponse(body, 403)
    return JSONResponse(body, 401, {"WWW-Authenticate": "Bearer"})
