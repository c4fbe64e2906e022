"""kairos guards: which policies there are, and what came of them."""

import asyncio
from typing import Annotated, Any

import typer
from rich.table import Column

from app.durations import since as moment
from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run
from state.postgres import guard_reports
from tools.guard.policy.rules import Policy
from tools.guard.policy.watch import policies

guards = typer.Typer(help="Look after the guard policies.", no_args_is_help=True)


@guards.command("list")
def list_(as_json: Json = False) -> None:
    """List the policies in force with their hashes, whom they are for, and their rules; a mistake is told.

    Example: kairos guards list
    """
    loaded = run(asyncio.to_thread(policies), as_json)
    if as_json:
        shown = [policy.model_dump(mode="json") for policy in loaded.all]
        print_json({"folder": str(loaded.folder), "policies": shown})
        return
    columns = ("name", "hash", "tenants", "collections", "rules")
    print_table(columns, [_cells(policy) for policy in loaded.all], "There is no policy.")
    console.print(f"They are read from {loaded.folder}.", highlight=False, markup=False, soft_wrap=True)


def _cells(policy: Policy) -> tuple[object, ...]:
    rules = [
        f"{', '.join(rule.on)}: {rule.check} {rule.action}" + (" (dry run)" if rule.dry_run else "")
        for rule in policy.rules
    ]
    return (
        f"{policy.name} (dry run)" if policy.dry_run else policy.name,
        policy.hash,
        ", ".join(policy.tenants) or "any",
        ", ".join(policy.collections) or "any",
        "\n".join(rules),
    )


@guards.command()
def reports(
    since: Annotated[str, typer.Option(help="7d, or a date or time in UTC: 2026-11-01.")] = "30d",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Count by check and rule what was found in turns, and how often an asker called it a false alarm.

    Example: kairos guards reports --since 7d
    """
    start = moment(since)
    rows: list[Any] = run(guard_reports.counts(local_profile(tenant, ()), start), as_json)
    if as_json:
        print_json({"since": start, "counts": rows})
        return
    numbers = ("places", "turns", "dry_run", "reports")
    cells = [(row["check"], row["rule"], *(row[name] for name in numbers)) for row in rows]
    columns: list[str | Column] = [
        "check",
        "rule",
        *(Column(name, justify="right") for name in ("places", "turns", "in a dry run", "false alarms")),
    ]
    print_table(columns, cells, "Nothing was found.")
