"""The block that an MCP client's configuration needs, in the client's own form."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from app.commands.up import paths
from state.settings import settings

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Client:
    """key: under which servers stand. typed: an entry says its transport, http: the name of that over HTTP.

    bearer: how the client's file names the variable KAIROS_TOKEN.
    """

    where: str
    key: str = "mcpServers"
    typed: bool = False
    http: str = "http"
    bearer: str = "<your token>"
    yaml: bool = False
    remote: bool = True


CLIENTS = {
    "claude-desktop": Client(
        "Into claude_desktop_config.json: Settings, Developer, Edit Config; then start the application anew.",
        remote=False,
    ),
    "claude-code": Client("Into .mcp.json at the root of the project.", typed=True, bearer="${KAIROS_TOKEN}"),
    "cursor": Client(
        "Into ~/.cursor/mcp.json, or .cursor/mcp.json in the project.", bearer="${env:KAIROS_TOKEN}"
    ),
    "vscode": Client(
        "Into .vscode/mcp.json, or with the command MCP: Open User Configuration.", "servers", True
    ),
    "librechat": Client(
        "Into librechat.yaml.", typed=True, http="streamable-http", bearer="${KAIROS_TOKEN}", yaml=True
    ),
    "generic": Client("This is the form that most clients read."),
}


def configured(client: str, servers: Sequence[str], url: str | None, tenant: str, groups: str) -> str:
    """The block, for stdio or for a running server; a bearer token is named, never written.

    Claude Desktop's file takes stdio only: it is given the command for a `url` too, through mcp-remote.
    """
    form = CLIENTS[client]
    entries = {f"kairos-{name}": _entry(form, name, url, tenant, groups) for name in servers}
    block = {form.key: entries}
    return yaml.safe_dump(block, sort_keys=False).rstrip() if form.yaml else json.dumps(block, indent=2)


def _entry(form: Client, name: str, url: str | None, tenant: str, groups: str) -> dict[str, Any]:
    if url is None:
        return _stdio(form, name, tenant, groups)
    place, header = f"{url.rstrip('/')}/mcp/{name}", f"Bearer {form.bearer}"
    if not form.remote:
        # Without a blank in an argument: some systems split there.
        arguments = ["-y", "mcp-remote", place, "--header", "Authorization:${KAIROS_HEADER}"]
        return {"command": "npx", "args": arguments, "env": {"KAIROS_HEADER": header}}
    found: dict[str, Any] = {"type": form.http} if form.typed else {}
    return found | {"url": place, "headers": {"Authorization": header}}


def _stdio(form: Client, name: str, tenant: str, groups: str) -> dict[str, Any]:
    """The command with full paths: clients start it from anywhere, and with hardly any environment."""
    arguments = ["-m", "app.cli", "mcp", "serve", name]
    arguments += ["--tenant", tenant] if tenant != "default" else []
    arguments += ["--groups", groups] if groups else []
    environment = {**paths(settings().home.resolve()), "PYTHONPATH": str(ROOT)}
    found: dict[str, Any] = {"type": "stdio"} if form.typed else {}
    return found | {"command": sys.executable, "args": arguments, "env": environment}
