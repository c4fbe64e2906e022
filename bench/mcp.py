"""What our MCP client adds to a call of a tool: the same server through the bare library and through ours, in turns.

    python -m bench.mcp [--calls 300] [--json]

`mcp` is the library's own Client.call_tool, `kairos` a Tool with its schemas, pooled session, limits and breaker. One
call at a time: median and 95th percentile, and what ours adds to the median; then 50 side by side: milliseconds for
all. Each figure is the least of three rounds. Over stdio each has a server process of its own.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from bench.shown import finish, machine
from state.identity import Identity
from tests.fixtures.mcp_served import sample, sample_http
from tools.mcp import pool
from tools.mcp.declared import Server
from tools.mcp.offered import as_tool
from tools.mcp.pool import Reached

ROUNDS, WARM_UP, PARALLEL, MOST_MS = 3, 20, 50, 2.0
ARGUMENTS = {"a": 2, "b": 3}
ANN = Identity("acme", "ann")
Call = Callable[[], Awaitable[object]]


async def bare(server: Server, stack: AsyncExitStack) -> Call:
    """The library's client, kept open."""
    from mcp import Client, StdioServerParameters

    given: Any = str(server.url)
    if server.command:
        given = StdioServerParameters(command=server.command, args=list(server.args))
    client = await stack.enter_async_context(Client(given))
    await client.list_tools()

    async def call() -> object:
        result = await client.call_tool("add", ARGUMENTS)
        return result.structured_content

    return call


async def ours(server: Server) -> Call:
    """A tool as agents are given it."""
    reached = Reached("sample", server, ANN)
    (declared,) = [one for one in await pool.declarations(reached) if one.name == "add"]
    tool = as_tool("sample", server, declared, {"add"})

    async def call() -> object:
        return (await tool.call(ARGUMENTS, ANN)).structured

    return call


async def in_turns(calls: dict[str, Call], times: int) -> dict[str, list[float]]:
    """Milliseconds of each call, by client."""
    found: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(times):
        for name, call in calls.items():
            began = time.perf_counter()
            given = await call()
            found[name].append((time.perf_counter() - began) * 1000)
            if given != {"total": 5}:
                raise SystemExit(f"A call gave {given!r}.")
    return found


async def side_by_side(call: Call) -> float:
    """Milliseconds for all of them."""
    began = time.perf_counter()
    await asyncio.gather(*(call() for _ in range(PARALLEL)))
    return (time.perf_counter() - began) * 1000


async def measured(server: Server, times: int) -> dict[str, dict[str, float]]:
    """Figures by client."""
    async with AsyncExitStack() as stack:
        calls = {"mcp": await bare(server, stack), "kairos": await ours(server)}
        found: dict[str, dict[str, float]] = {name: {} for name in calls}
        await in_turns(calls, WARM_UP)
        for _ in range(ROUNDS):
            took = await in_turns(calls, times)
            for name, call in calls.items():
                figures = {
                    "p50_ms": statistics.median(took[name]),
                    "p95_ms": statistics.quantiles(took[name], n=20)[-1],
                    "parallel_ms": await side_by_side(call),
                }
                for key, value in figures.items():
                    found[name][key] = min(value, found[name].get(key, value))
        await pool.close_sessions()
    return found


async def all_of_them(times: int) -> dict[str, dict[str, dict[str, float]]]:
    """Figures by transport and client."""
    with sample_http() as url:
        return {
            "stdio": await measured(sample(), times),
            "http": await measured(Server(url=url, trusted=True), times),
        }


def main() -> int:
    """1 if a call takes more than two milliseconds longer than through the bare client."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=300, help="calls of each client and round")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    found = asyncio.run(all_of_them(options.calls))
    for by in found.values():
        by["kairos"]["added_p50_ms"] = by["kairos"]["p50_ms"] - by["mcp"]["p50_ms"]
    finish({"calls": options.calls, **found, "machine": machine()}, options.json, found)
    return int(any(by["kairos"]["added_p50_ms"] > MOST_MS for by in found.values()))


if __name__ == "__main__":
    sys.exit(main())
