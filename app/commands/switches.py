"""kairos switches: stop a tool, a server, an agent or all acting, from the next call on."""

from typing import Annotated, Literal

import typer

from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text

switches = typer.Typer(help="Stop tools, servers, agents, or all acting of a tenant.", no_args_is_help=True)

Kind = Annotated[Literal["tool", "server", "agent", "tenant"], typer.Argument(help="What is stopped.")]
Name = Annotated[str, typer.Argument(callback=text, help="Its name; none for the tenant.")]


@switches.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List what is stopped; times are in UTC.

    Example: kairos switches list
    """
    from state.postgres import kill_switches

    rows = run(kill_switches.thrown(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"switches": rows})
        return
    cells = [
        (row["kind"], row["name"], row["reason"], row["principal"], f"{row['created_at']:%d %b %H:%M}")
        for row in rows
    ]
    print_table(("kind", "name", "reason", "by", "since"), cells, "Nothing is stopped.")


@switches.command()
def throw(
    kind: Kind,
    name: Name = "",
    reason: Annotated[str, typer.Option(callback=text, help="Why; agents and people are told.")] = "",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Stop it, in running tasks too.

    Example: kairos switches throw tool workplace.send_mail --reason "It sends twice."
    """
    from state.postgres import kill_switches

    _named(kind, name)
    why = reason or "no reason was given."
    run(kill_switches.throw(local_profile(tenant, ()), kind, name, why), as_json)
    _said(kind, name, "stopped", as_json)


@switches.command()
def release(kind: Kind, name: Name = "", tenant: Tenant = "default", as_json: Json = False) -> None:
    """Let it act again.

    Example: kairos switches release tool workplace.send_mail
    """
    from state.postgres import kill_switches

    _named(kind, name)
    run(kill_switches.release(local_profile(tenant, ()), kind, name), as_json)
    _said(kind, name, "released", as_json)


def _named(kind: str, name: str) -> None:
    if kind != "tenant" and not name:
        raise typer.BadParameter(f"say which {kind} is meant")


def _said(kind: str, name: str, done: str, as_json: bool) -> None:
    if as_json:
        print_json({"kind": kind, "name": name, "state": done})
    else:
        console.print(f"{kind} {name}".strip() + f": {done}", markup=False, highlight=False)
