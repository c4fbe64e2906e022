"""kairos tools: what there is, built in and of servers, and a call of one, by hand."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, explained, print_json, print_table, run, split
from state.identity import Identity

if TYPE_CHECKING:
    from tools.tool import Tool

tools = typer.Typer(help="Tools that an assistant may call; try each yourself.", no_args_is_help=True)


@tools.command("list")
def list_tools(tenant: Tenant = "default", groups: Groups = "", as_json: Json = False) -> None:
    """Show the tools that KAIROS_TOOLS offers you, with what each can do at worst."""
    found = _found(local_profile(tenant, split(groups)), as_json)
    if as_json:
        print_json({"tools": [_about(tool) for tool in found]})
        return
    print_table(
        ["tool", "risk", "what it does"], [[t.name, t.risk, t.description] for t in found], "There are none."
    )


@tools.command("call")
def call(
    name: Annotated[str, typer.Argument(help="Such as calculator.")],
    arguments: Annotated[str, typer.Argument(help="A JSON object.")] = "{}",
    tenant: Tenant = "default",
    groups: Groups = "",
    as_json: Json = False,
) -> None:
    """Call a tool as yourself and show what it gives.

    Example: kairos tools call calculator '{"expression": "round(1249.90 * 0.19, 2)"}'
    """
    found = run(_called(name, arguments, local_profile(tenant, split(groups))), as_json)
    if as_json:
        print_json(found)
    else:
        console.print(found["text"], markup=False, highlight=False)
    if found["is_error"]:
        raise typer.Exit(1)


@tools.command("grant")
def grant_tables(as_json: Json = False) -> None:
    """Let the SQL tool read the tables that KAIROS_TOOLS names, and no longer any others."""
    found = run(_granted(), as_json)
    if as_json:
        print_json(found)
        return
    console.print(f"Questions may read {', '.join(found['tables'])} of {found['schema']}.")


def _found(identity: Identity, as_json: bool) -> "list[Tool]":
    """Without servers no database is needed."""
    from tools.builtin.offered import offered
    from tools.mcp.declared import servers
    from tools.mcp.offered import served

    with explained(as_json):
        own = list(offered().values())
        there = servers().servers
    return own + (run(served(identity), as_json) if there else [])


async def _called(name: str, arguments: str, identity: Identity) -> dict[str, Any]:
    from tools.builtin.offered import find
    from tools.mcp.declared import servers
    from tools.mcp.offered import served
    from tools.tool import from_json

    theirs = await served(identity) if name.partition(".")[0] in servers().servers else []
    tool = next((tool for tool in theirs if tool.name == name), None) or find(name)
    result = await tool.call(from_json(tool.name, arguments), identity)
    return {
        "tool": tool.name,
        "text": result.text,
        "structured": result.structured,
        "is_error": result.is_error,
        "truncated": result.truncated,
    }


async def _granted() -> dict[str, Any]:
    from state.errors import KairosError
    from state.postgres.sql_grant import grant
    from state.settings import settings
    from tools.builtin.settings import read

    chosen = read(settings().tools).sql_query
    if chosen is None:
        raise KairosError(
            "tools_invalid", "The file of KAIROS_TOOLS has no sql_query, so there is nothing to grant."
        )
    await grant(chosen.schema_, chosen.tables)
    return {"schema": chosen.schema_, "tables": list(chosen.tables)}


def _about(tool: Any) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "risk": tool.risk,
        "idempotent": tool.idempotent,
        "parameters": tool.parameters,
        "output": tool.output,
    }
