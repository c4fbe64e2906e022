"""kairos keys: virtual API keys for callers of the models."""

from typing import Annotated

import typer
from rich.markup import escape

from app.durations import duration
from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, print_json, print_table, run, split, text
from state.postgres import api_keys as store

keys = typer.Typer(help="Look after the API keys that callers of models have.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(metavar="NAME", callback=text, help="The key's name.")]


@keys.command()
def create(
    name: Name,
    user: Annotated[
        str | None, typer.Option(callback=text, help="Whom it acts for; if not said, you.")
    ] = None,
    team: Annotated[
        str | None, typer.Option(callback=text, help="The team that its calls count for.")
    ] = None,
    groups: Groups = "",
    models: Annotated[str, typer.Option(callback=text, help="The models it may ask for, by commas.")] = "",
    expires: Annotated[str | None, typer.Option(help="When it ends: 90d, 12h.")] = None,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Make a key. It is shown this once.

    Example: kairos keys create ci --team build --models gpt-5-mini --expires 90d
    """
    profile = local_profile(tenant, ())
    ends = duration(expires) if expires is not None else None
    made = run(
        store.create(profile, name, user or profile.principal, team, split(groups), split(models), ends),
        as_json,
    )
    _show(made, as_json)


@keys.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List keys: by their first characters, never whole.

    Example: kairos keys list
    """
    rows = run(store.overview(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"keys": [{"user": row.pop("principal"), **row} for row in rows]})
        return
    cells = [
        (
            row["id"],
            row["name"],
            ", ".join(row["prefixes"]),
            row["principal"],
            row["team"] or "",
            ", ".join(row["models"]) or "all",
            f"{row['expires_at']:%Y-%m-%d %H:%M}" if row["expires_at"] else "never",
            row["status"],
        )
        for row in rows
    ]
    columns = ("id", "name", "begins with", "user", "team", "models", "expires", "status")
    print_table(columns, cells, "There is no key yet.")


@keys.command()
def rotate(
    name: Name,
    grace: Annotated[str, typer.Option(help="How long the old secret works yet: 24h, 0.")] = "24h",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Give a key a new secret, which is shown this once.

    Example: kairos keys rotate ci --grace 1h
    """
    _show(run(store.rotate(local_profile(tenant, ()), name, duration(grace)), as_json), as_json)


@keys.command()
def revoke(name: Name, tenant: Tenant = "default", as_json: Json = False) -> None:
    """End a key at once and for good.

    Example: kairos keys revoke ci
    """
    run(store.revoke(local_profile(tenant, ()), name), as_json)
    if as_json:
        print_json({"revoked": name})
    else:
        console.print(f"The key {escape(name)} is revoked.")


def _show(made: store.NewKey, as_json: bool) -> None:
    if as_json:
        print_json(
            {"id": made.id, "name": made.name, "key": made.secret, "expires_at": made.expires_at},
        )
    else:
        console.print(f"{made.secret}\nKeep it: it is stored nowhere.", highlight=False, soft_wrap=True)
