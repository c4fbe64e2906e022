"""kairos usage: what calls of models took."""

from typing import Annotated

import typer
from rich.table import Column

from app.durations import since as moment
from app.local import local_profile
from app.terminal import Json, Tenant, print_json, print_table, run, split
from state.postgres import calls
from state.postgres.verdicts import dollars


def usage(
    by: Annotated[str, typer.Option(help=f"Names by commas, of {', '.join(calls.GROUPINGS)}.")] = "model",
    since: Annotated[str, typer.Option(help="7d, or a date or time in UTC: 2026-11-01.")] = "30d",
    every_tenant: Annotated[bool, typer.Option("--every-tenant", help="Not of one tenant alone.")] = False,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Sum up tokens and costs of the calls of models.

    Example: kairos usage --by day,model --since 7d
    """
    names = split(by)
    start = moment(since)
    rows = run(calls.usage(local_profile(tenant, ()), names, start, every_tenant), as_json)
    if as_json:
        print_json({"since": start, "by": names, "usage": rows})
        return
    sums = ("calls", "input_tokens", "cached_tokens", "output_tokens")
    cells = [
        (
            *(row[name] or "" for name in names),
            *(row[name] for name in sums),
            f"${dollars(row['nano_usd'])}",
            row["unpriced"],
            row["not_ok"],
        )
        for row in rows
    ]
    numbers = ("calls", "input", "cached", "output", "cost", "no price", "not ok")
    columns: list[str | Column] = [
        *names,
        *(Column(name, justify="right", no_wrap=name == "cost") for name in numbers),
    ]
    print_table(columns, cells, "There were no calls.")
