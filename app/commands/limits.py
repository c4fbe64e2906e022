"""kairos limits: how fast models may be called."""

from typing import Annotated

import typer

from app.durations import duration
from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text
from state.postgres import rate_limits as store

limits = typer.Typer(help="Look after how fast models may be called.", no_args_is_help=True)


@limits.command("set")
def set_(
    kind: Annotated[
        store.Kind, typer.Argument(help="Whose it is; model and global: of all tenants together.")
    ],
    name: Annotated[
        str,
        typer.Argument(
            metavar="[NAME]", callback=text, help="Key, user, team or deployment; * for each of them."
        ),
    ] = "",
    requests: Annotated[int | None, typer.Option(min=1, help="So many requests.")] = None,
    tokens: Annotated[int | None, typer.Option(min=1, help="So many tokens, in and out.")] = None,
    per: Annotated[str, typer.Option(help="In which time: 60s, 1h.")] = "60s",
    algorithm: Annotated[
        store.Algorithm, typer.Option(help="How it is counted; a window takes no burst.")
    ] = "token_bucket",
    burst: Annotated[int | None, typer.Option(min=1, help="The most at once; if not said, all.")] = None,
    at_limit: Annotated[store.AtLimit, typer.Option(help="What a call above it gets.")] = "refuse",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Set a limit, or change it.

    Example: kairos limits set user '*' --requests 60 --per 60s --burst 10
    """
    if (requests is None) == (tokens is None):
        raise typer.BadParameter("say one of --requests and --tokens")
    measure: store.Measure = "tokens" if requests is None else "requests"
    work = store.put(
        local_profile(tenant, ()),
        kind,
        name,
        measure,
        requests or tokens or 0,
        duration(per).total_seconds(),
        algorithm,
        burst,
        at_limit,
    )
    number = run(work, as_json)
    if as_json:
        print_json({"limit": number})
    else:
        console.print(f"Limit {number} is set.", highlight=False)


@limits.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List limits: the tenant's, and those of all tenants.

    Example: kairos limits list
    """
    rows = run(store.overview(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"limits": rows})
        return
    cells = [
        (
            row["id"],
            row["kind"],
            row["name"],
            f"{row['amount']} {row['measure']} in {row['seconds']:g} s",
            row["algorithm"].replace("_", " "),
            row["burst"],
            row["at_limit"],
        )
        for row in rows
    ]
    columns = ("id", "kind", "name", "limit", "counted by", "burst", "at its limit")
    print_table(columns, cells, "There is no limit: nothing slows calls down.")


@limits.command()
def remove(
    limit: Annotated[int, typer.Argument(metavar="ID", help="The limit's number.")],
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Remove a limit.

    Example: kairos limits remove 3
    """
    run(store.remove(local_profile(tenant, ()), limit), as_json)
    if as_json:
        print_json({"removed": limit})
    else:
        console.print(f"Limit {limit} is removed.", highlight=False)
