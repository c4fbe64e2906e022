"""Run the official MCP conformance suite against our servers over HTTP: `python -m bench.conformance`.

Needs npx and Node 22 or later; `--command` names another way to start the suite. Scenarios of features that neither of
our servers has are run against a third server on the same transport and the same check of callers, which has
the tools, resources and prompts that the suite calls by name (bench/conformance_tools.py).
"""

import argparse
import asyncio
import json
import re
import shlex
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from mcp.server.mcpserver import MCPServer
from starlette.applications import Starlette
from starlette.routing import Route

from app.mcp_callers import who
from app.mcp_endpoints import NAMES, Name, server
from bench.conformance_tools import with_reference_tools
from mcp_servers.callers import Serving
from mcp_servers.serving import LOOPBACK, Endpoint
from state.postgres.pool import close_pool, open_pool

SUITE = "npx --yes @modelcontextprotocol/conformance@0.1.16"
_LINE = re.compile(r"^([✓✗])\s+([\w/-]+): (\d+) passed, (\d+) failed", re.MULTILINE)
GENERAL = (
    "server-initialize",
    "ping",
    "tools-list",
    "resources-list",
    "prompts-list",
    "server-sse-multiple-streams",
    "completion-complete",
    "server-session-lifecycle",
    "http-header-validation",
    "caching",
    "sep-2164-resource-not-found",
    "dns-rebinding-protection",
)
"""Scenarios that call nothing by a name of the suite's own. `platform` has no resources, prompts or completions."""

_DOCUMENTS = (
    "resources-list",
    "prompts-list",
    "completion-complete",
    "caching",
    "sep-2164-resource-not-found",
)


@asynccontextmanager
async def listening() -> AsyncIterator[str]:
    """The address of our two servers and the reference one, for callers on this machine."""
    reference: MCPServer[Serving] = MCPServer("reference", version="1", log_level="ERROR")
    with_reference_tools(reference)
    made: dict[str, MCPServer[Serving]] = {name: server(name) for name in NAMES}
    made["reference"] = reference
    endpoints = {name: Endpoint(who) for name in made}

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with (
            endpoints["knowledge"].open(made["knowledge"], LOOPBACK),
            endpoints["platform"].open(made["platform"], LOOPBACK),
            endpoints["reference"].open(made["reference"], LOOPBACK),
        ):
            yield

    routes = [Route(f"/mcp/{name}", endpoint) for name, endpoint in endpoints.items()]
    web = uvicorn.Server(uvicorn.Config(Starlette(routes=routes, lifespan=lifespan), log_level="error"))
    with socket.create_server(("127.0.0.1", 0)) as bound:
        task = asyncio.create_task(web.serve(sockets=[bound]))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
        web.should_exit = True
        await task


async def tried(command: str, url: str, *more: str) -> dict[str, bool]:
    """Every scenario of the suite, and whether the server at the address passes it."""
    process = await asyncio.create_subprocess_exec(
        *shlex.split(command),
        *("server", "--url", url, "--suite", "all", *more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    text = said.decode(errors="replace")
    found = {name: mark == "✓" for mark, name, _, _ in _LINE.findall(text.partition("SUMMARY")[2])}
    if not found:
        raise SystemExit(f"The suite did not run:\n{text[-2000:]}")
    return found


async def main(command: str, *more: str) -> dict[str, dict[str, bool]]:
    """Results by server; of ours only the scenarios that name nothing of the suite's."""
    await open_pool()
    try:
        async with listening() as address:
            results = {name: await tried(command, f"{address}/mcp/{name}", *more) for name in NAMES}
            reference = await tried(command, f"{address}/mcp/reference", *more)
    finally:
        await close_pool()
    own: dict[str, dict[str, bool]] = {name: _applicable(name, found) for name, found in results.items()}
    return own | {"reference": reference}


def _applicable(name: Name, found: dict[str, bool]) -> dict[str, bool]:
    absent = _DOCUMENTS if name == "platform" else ()
    return {one: found[one] for one in GENERAL if one in found and one not in absent}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--command", default=SUITE)
    arguments, rest = parser.parse_known_args()
    print(json.dumps(asyncio.run(main(arguments.command, *rest)), indent=1))
