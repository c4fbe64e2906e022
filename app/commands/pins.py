"""kairos tools servers, pins, accept: which MCP servers answer, and their tools, which stay what somebody accepted."""

import asyncio
import json
from typing import Annotated, Any

import typer

from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, print_json, print_table, run, split, text
from state.errors import KairosError
from state.identity import Identity

pins = typer.Typer(help="Tools of MCP servers, as they were accepted.", no_args_is_help=True)

SHORT = 12
"""Characters of a hash that tell one declaration from another."""


@pins.command("pins")
def list_pins(
    look: Annotated[bool, typer.Option(help="Ask all servers first, as yourself.")] = False,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Show what is held, and why, then what is accepted; times are in UTC.

    Example: kairos tools pins --look
    """
    rows = run(_listed(local_profile(tenant, ()), look), as_json)
    if as_json:
        print_json({"tools": rows})
        return
    cells = [
        (
            row["tool"],
            row["reason"] or "",
            row["principal"] or "",
            row["sha256"][:SHORT],
            f"{row['created_at']:%d %b %H:%M}",
        )
        for row in rows
    ]
    print_table(
        ("tool", "held, because", "accepted by", "hash", "since"), cells, "No server was reached yet."
    )
    for row in rows:
        if row["reason"]:
            _show(row)


@pins.command("servers")
def list_servers(tenant: Tenant = "default", groups: Groups = "", as_json: Json = False) -> None:
    """Reach all declared servers as yourself, and show which answer; exit code 1 if one does not.

    Example: kairos tools servers
    """
    rows = run(_reached(local_profile(tenant, split(groups))), as_json)
    if as_json:
        print_json({"servers": rows})
    else:
        cells = [(row["server"], row["transport"], str(row["tools"]), row["problem"]) for row in rows]
        print_table(("server", "transport", "tools", "problem"), cells, "KAIROS_TOOLS declares no server.")
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


@pins.command()
def accept(
    name: Annotated[str, typer.Argument(callback=text, help="Such as workplace.send_mail.")],
    hash_: Annotated[str, typer.Option("--hash", help="Only what was shown under this hash.")] = "",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Offer a tool as its server declares it now, until that changes.

    Example: kairos tools accept workplace.send_mail --hash 0b7c1f2a9d3e
    """
    from state.postgres import pinned_tools

    row = run(pinned_tools.accept(local_profile(tenant, ()), name, hash_), as_json)
    if as_json:
        print_json(row)
        return
    _show({**row, "reason": "accepted", "before": None})


async def _reached(identity: Identity) -> list[dict[str, Any]]:
    from tools.mcp.declared import servers
    from tools.mcp.pool import Reached, declarations

    async def one(name: str, server: Any) -> dict[str, Any]:
        row = {"server": name, "transport": "stdio" if server.command else "http", "tools": 0, "problem": ""}
        try:
            return {**row, "tools": len(await declarations(Reached(name, server, identity)))}
        except KairosError as error:
            return {**row, "problem": error.sentence}

    declared = (await servers.ready()).servers
    theirs = [(name, server) for name, server in declared.items() if server.serves(identity)]
    return list(await asyncio.gather(*(one(name, server) for name, server in theirs)))


async def _listed(identity: Identity, look: bool) -> list[dict[str, Any]]:
    from state.postgres import pinned_tools
    from tools.mcp.offered import served

    if look:
        await served(identity)
    return await pinned_tools.everything(identity)


def _show(row: dict[str, Any]) -> None:
    """A declaration as JSON: signs that people do not see are escaped."""
    console.print(f"\n{row['tool']} ({row['sha256'][:SHORT]}): {row['reason']}", style="bold", markup=False)
    before = row["before"] or {}
    for part, value in row["declaration"].items():
        if before and before.get(part) != value:
            console.print(
                f"- {part}: {_visible(before.get(part))}", style="red", markup=False, highlight=False
            )
            console.print(f"+ {part}: {_visible(value)}", style="green", markup=False, highlight=False)
        elif not before:
            console.print(f"  {part}: {_visible(value)}", markup=False, highlight=False)


def _visible(value: Any) -> str:
    shown = json.dumps(value, ensure_ascii=False)
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in shown)
