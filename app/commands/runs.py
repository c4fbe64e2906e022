"""kairos runs: pause, resume and cancel what is being read."""

from typing import Annotated

import typer

from app.commands.ingest import Yes, finish, resume_run
from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table
from app.terminal import run as work
from state.errors import KairosError
from state.identity import Identity
from state.postgres import ingest_runs
from state.postgres.ingest_runs import Status

runs = typer.Typer(help="Pause, resume and cancel runs of ingestion.", no_args_is_help=True)

Id = Annotated[int, typer.Argument(metavar="ID", help="A number from `kairos runs list`.")]


@runs.command("list")
def list_(
    limit: Annotated[int, typer.Option("-n", min=1, help="At most so many.")] = 20,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """List the last runs, newest first; times are in UTC.

    Example: kairos runs list
    """
    rows = work(ingest_runs.recent(local_profile(tenant, ()), limit), as_json)
    if as_json:
        print_json({"runs": rows})
        return
    cells = [
        (
            *(row[key] for key in ("id", "collection", "status")),
            f"{row['started_at']:%d %b %H:%M}",
            *(row[key] for key in ("pending", "failed")),
            row["error"] or "",
        )
        for row in rows
    ]
    columns = ("id", "collection", "status", "started", "still to read", "failed", "error")
    print_table(columns, cells, "Nothing was read yet.")


@runs.command()
def pause(run: Id, tenant: Tenant = "default", as_json: Json = False) -> None:
    """Stop a run after the files it is reading; it can be resumed.

    Example: kairos runs pause 7
    """
    _change(run, tenant, "paused", ("running",), as_json)


@runs.command()
def cancel(run: Id, tenant: Tenant = "default", as_json: Json = False) -> None:
    """End a run after the files it is reading; what is stored stays.

    Example: kairos runs cancel 7
    """
    _change(run, tenant, "cancelled", ("running", "paused"), as_json)


@runs.command()
def resume(run: Id, yes: Yes = False, tenant: Tenant = "default", as_json: Json = False) -> None:
    """Go on with a run that was paused, or cut short in any way.

    Example: kairos runs resume 7
    """
    finish(work(resume_run(local_profile(tenant, ()), run, yes), as_json), as_json)


def _change(run: int, tenant: str, to: Status, only_from: tuple[Status, ...], as_json: bool) -> None:
    work(_set(local_profile(tenant, ()), run, to, only_from), as_json)
    if as_json:
        print_json({"run": run, "status": to})
    else:
        console.print(f"Run {run} is {to}.")


async def _set(identity: Identity, run: int, to: Status, only_from: tuple[Status, ...]) -> None:
    found = await ingest_runs.status(identity, run)
    if not await ingest_runs.set_status(identity, run, to, only_from=only_from):
        raise KairosError("run_ended", f"Run {run} is {found}, so it cannot become {to}.")
