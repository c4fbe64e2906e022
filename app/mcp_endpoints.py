"""Our MCP servers by name: on the server under /mcp/NAME, alone over HTTP, or over stdio."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Literal

from starlette.applications import Starlette
from starlette.routing import Route

from app.mcp_callers import who
from mcp_servers.callers import Serving
from mcp_servers.serving import LOOPBACK, Endpoint
from state.identity import Identity

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

Name = Literal["knowledge", "platform"]
NAMES: tuple[Name, ...] = ("knowledge", "platform")

_ENDPOINTS = {name: Endpoint(who) for name in NAMES}
ROUTES = [Route(f"/mcp/{name}", endpoint) for name, endpoint in _ENDPOINTS.items()]


def server(name: Name, local: Identity | None = None) -> "MCPServer[Serving]":
    """A server that answers `local`, or whoever each request is from."""
    from app.turns import turns

    module = import_module(f"mcp_servers.{name}.server")
    made: MCPServer[Serving] = module.build(Serving(local, turns()), _version())
    return made


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """Within, ROUTES answer; who may call by Host and Origin is for `who` to say."""
    async with AsyncExitStack() as stack:
        for name, endpoint in _ENDPOINTS.items():
            await stack.enter_async_context(endpoint.open(server(name), None))
        yield


def application(name: Name, loopback: bool) -> Starlette:
    """One server alone. loopback: it listens on this machine only."""
    endpoint = Endpoint(who)

    @asynccontextmanager
    async def serving(app: Starlette) -> AsyncIterator[None]:
        from app.background import close
        from state.postgres.pool import close_pool, open_pool
        from tools.guard.policy.watch import policies
        from tools.models.opened import close_door

        await policies.ready()  # a mistake in a guard policy refuses the start
        await open_pool()
        try:
            async with endpoint.open(server(name), LOOPBACK if loopback else None):
                yield
        finally:
            await close()
            await close_door()
            await close_pool()

    return Starlette(routes=[Route(f"/mcp/{name}", endpoint)], lifespan=serving)


def _version() -> str:
    try:
        return version("kairos")
    except PackageNotFoundError:
        return "0"
