"""kairos tasks: runs of the agent that went wrong, and taking them up again."""

from typing import Annotated

import typer
from rich.table import Column

from app.acting import report, taken_up
from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text

tasks = typer.Typer(help="Tasks that failed, or lost their process.", no_args_is_help=True)


@tasks.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List the dead letters, oldest first; times are in UTC.

    Example: kairos tasks list
    """
    from state.postgres import agent_runs

    rows = run(agent_runs.dead(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"tasks": rows})
        return
    cells = [
        (
            row["thread_id"],
            row["principal"],
            row["status"],
            row["error"] or "",
            f"{row['updated_at']:%d %b %H:%M}",
        )
        for row in rows
    ]
    print_table(
        (Column("thread", no_wrap=True), "for", "status", "error", "since"), cells, "Nothing went wrong."
    )


@tasks.command()
def resume(
    thread: Annotated[str, typer.Argument(callback=text, help="From `kairos tasks list`.")],
    as_json: Json = False,
) -> None:
    """Go on from the last checkpoint; no effect is had twice.

    Example: kairos tasks resume 0b7c…
    """
    found = report(run(taken_up(thread), as_json), thread)
    if as_json:
        print_json(found)
    else:
        waits = "It waits for an approval: kairos approvals list"
        console.print(waits if found["waiting"] else found["answer"], markup=False, highlight=False)
