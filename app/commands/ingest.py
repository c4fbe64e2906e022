"""kairos ingest: read files into the index."""

from typing import Annotated
from uuid import uuid4

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from app.local import configure, local_profile, stream
from app.terminal import Groups, Json, Tenant, console, notes, print_json, run, split
from state.identity import Identity
from state.ingest import Report


def ingest(
    paths: Annotated[list[str], typer.Argument(metavar="PATH…", help="Files or folders.")],
    tenant: Tenant = "default",
    groups: Groups = "",
    sync: Annotated[bool, typer.Option(help="Remove documents whose files are gone.")] = False,
    as_json: Json = False,
) -> None:
    """Read files into the index; what is unchanged is passed over.

    Example: kairos ingest handbook/ --groups staff --sync
    """
    report = run(_ingest(paths, local_profile(tenant, split(groups)), sync), as_json)
    if as_json:
        print_json(report)
    else:
        show(report)
    if report["failed"]:
        raise typer.Exit(1)


async def _ingest(paths: list[str], identity: Identity, sync: bool) -> Report:
    return await ingest_paths(paths, identity, list(identity.groups), sync)


async def ingest_paths(paths: list[str], identity: Identity, groups: list[str], sync: bool) -> Report:
    """Run the ingest machine with a progress bar on standard error."""
    from graphs.ingest import build

    config = configure(identity, str(uuid4()))
    config["max_concurrency"] = 4
    given = {"paths": paths, "groups": groups, "sync": sync}
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=notes, transient=True) as progress:
        task = progress.add_task("Reading", total=None)
        report: Report
        async for mode, event in stream(build(), given, config):
            if mode == "values":
                report = event.get("report")
            elif event["event"] == "planned":
                progress.update(task, total=event["total"])
            else:
                progress.update(task, advance=1, description=escape(event["path"][-40:]))
    return report


def show(report: Report) -> None:
    """The report, for people."""
    console.print(
        f"{report['added']} added, {report['updated']} updated, {report['unchanged']} unchanged, "
        f"{report['deleted']} deleted, {report['failed']} failed; "
        f"{report['chunks']} chunks in {report['seconds']:.1f} s"
    )
    for failure in report["failures"]:
        notes.print(
            f"[red]failed[/red] {escape(failure['path'])}: {escape(failure['error'])}",
            highlight=False,
            soft_wrap=True,
        )
