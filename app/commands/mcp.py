"""kairos mcp: what Kairos knows and does, as servers for MCP clients."""

import os
from typing import Annotated, Literal

import typer

from app.local import local_profile
from app.mcp_config import CLIENTS, configured
from app.terminal import Groups, Json, Tenant, console, explained, notes, print_json, print_table, run, split
from state.identity import Identity

mcp = typer.Typer(help="Serve desktop assistants and other MCP clients.", no_args_is_help=True)

SERVERS = {
    "knowledge": "search, read and list the documents that the caller may see",
    "platform": "ask, have tasks done, follow, cancel, resume; approve, edit, reject",
}
Name = Literal["knowledge", "platform"]
Client = Literal["claude-desktop", "claude-code", "cursor", "vscode", "librechat", "generic"]
Port = Annotated[
    int | None, typer.Option("--http", min=1, max=65535, help="Over HTTP on this port, not stdio.")
]


@mcp.command("list")
def list_(as_json: Json = False) -> None:
    """List the servers.

    Example: kairos mcp list
    """
    rows = [{"name": name, "does": does, "path": f"/mcp/{name}"} for name, does in SERVERS.items()]
    if as_json:
        print_json({"servers": rows})
    else:
        print_table(("name", "does", "on the server"), [tuple(row.values()) for row in rows], "")


@mcp.command()
def serve(
    name: Annotated[Name, typer.Argument(help="From `kairos mcp list`.")],
    http: Port = None,
    host: Annotated[str, typer.Option(help="The address to listen on, with --http.")] = "127.0.0.1",
    tenant: Tenant = "default",
    groups: Groups = "",
) -> None:
    """Serve over stdio as the local profile, or over HTTP whoever the users file knows.

    Example: kairos mcp serve knowledge
    """
    if http is None:
        run(_stdio(name, local_profile(tenant, split(groups))), False)
    else:
        _http(name, host, http)


@mcp.command()
def config(
    client: Annotated[Client, typer.Option(help="For whom.")] = "generic",
    url: Annotated[
        str | None, typer.Option(help="Of a running server, such as http://localhost:2024.")
    ] = None,
    tenant: Tenant = "default",
    groups: Groups = "",
) -> None:
    """Print the block that a client's configuration needs, and on standard error where it belongs.

    Example: kairos mcp config --client claude-desktop
    """
    block = configured(client, tuple(SERVERS), url, tenant, groups)
    console.print(block, markup=False, highlight=False, soft_wrap=True)
    notes.print(CLIENTS[client].where, markup=False, highlight=False, soft_wrap=True)
    unsaid = sorted(name for name in os.environ if name.startswith("KAIROS_") and name not in block)
    if unsaid and url is None:
        said = (
            f"Of your settings these are not in it; add to `env` what the servers need: {', '.join(unsaid)}."
        )
        notes.print(said, markup=False, highlight=False, soft_wrap=True)


async def _stdio(name: Name, identity: Identity) -> None:
    from app.background import close
    from app.mcp_endpoints import server
    from state.postgres.pool import open_pool
    from tools.guard.policy.watch import policies

    await policies.ready()
    await open_pool()
    try:
        await server(name, identity).run_stdio_async()
    finally:
        await close()


def _http(name: Name, host: str, port: int) -> None:
    import uvicorn

    from app.commands.up import LOOPBACK, check_address
    from app.mcp_endpoints import application
    from tools.guard.policy.watch import policies

    with explained(False):
        check_address(host, port)
        policies()
    console.print(f"MCP clients: http://{host}:{port}/mcp/{name}", highlight=False, soft_wrap=True)
    made = application(name, host in LOOPBACK)
    uvicorn.run(
        made, host=host, port=port, log_level="warning", access_log=False, timeout_graceful_shutdown=10
    )
