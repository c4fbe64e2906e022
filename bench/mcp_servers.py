"""What our MCP servers add to a call over HTTP: `python -m bench.mcp_servers`.

The same call of `list_collections` as a function, and over HTTP on loopback through mcp's client, in turns; beside
it mcp's own server without our check of callers, with a tool that does nothing. Median and 95th percentile in ms.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import uvicorn
from mcp import Client
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.routing import Route

from app import mcp_endpoints
from app.local import local_profile
from app.mcp_callers import who
from mcp_servers.serving import LOOPBACK, Endpoint
from state.postgres import visible
from state.postgres.pool import close_pool, open_pool
from tests.fixtures.server import free_port

CALLS = 300


async def main() -> dict[str, dict[str, float]]:
    """Figures by what was called."""
    await open_pool()
    bare, checked, endpoint = _bare(), _bare(), Endpoint(who)

    @asynccontextmanager
    async def lifespan(app: Starlette):  # type: ignore[no-untyped-def]
        async with mcp_endpoints.answering(), endpoint.open(checked, LOOPBACK):
            yield

    routes = [*mcp_endpoints.ROUTES, Route("/mcp/nothing", endpoint)]
    ours = Starlette(routes=routes, lifespan=lifespan)
    servers = [_served(ours), _served(bare.streamable_http_app())]
    (ours_port, _, _), (bare_port, _, _) = servers
    for _, web, _ in servers:
        while not web.started:  # noqa: ASYNC110 - uvicorn has no event for it
            await asyncio.sleep(0.05)
    here = local_profile("default", ())
    try:
        async with (
            Client(f"http://127.0.0.1:{ours_port}/mcp/knowledge") as client,
            Client(f"http://127.0.0.1:{ours_port}/mcp/nothing") as ours_nothing,
            Client(f"http://127.0.0.1:{bare_port}/mcp") as plain,
        ):
            return await _measured(
                {
                    "the function": lambda: visible.collections(here),
                    "over HTTP": lambda: client.call_tool("list_collections", {}),
                    "with our check of callers, a tool that does nothing": lambda: ours_nothing.call_tool(
                        "nothing", {}
                    ),
                    "mcp alone, a tool that does nothing": lambda: plain.call_tool("nothing", {}),
                }
            )
    finally:
        for _, web, task in servers:
            web.should_exit = True
            await task
        await close_pool()


def _bare() -> MCPServer[Any]:
    server: MCPServer[Any] = MCPServer("bare", log_level="ERROR")

    async def nothing() -> dict[str, int]:
        return {}

    server.add_tool(nothing)
    return server


def _served(app: Starlette) -> tuple[int, uvicorn.Server, asyncio.Task[None]]:
    port = free_port()
    web = uvicorn.Server(
        uvicorn.Config(app, port=port, log_level="error", ws="none", timeout_graceful_shutdown=1)
    )
    return port, web, asyncio.create_task(web.serve())


async def _measured(calls: dict[str, Callable[[], Awaitable[object]]]) -> dict[str, dict[str, float]]:
    """In turns, so that what else the machine does falls on all of them."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(CALLS + 20):
        for name, call in calls.items():
            started = time.perf_counter()
            await call()
            if turn >= 20:
                times[name].append((time.perf_counter() - started) * 1000)
    return {name: _figures(sorted(found)) for name, found in times.items()}


def _figures(times: list[float]) -> dict[str, float]:
    return {"p50_ms": round(times[len(times) // 2], 2), "p95_ms": round(times[int(len(times) * 0.95)], 2)}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main()), indent=1))
