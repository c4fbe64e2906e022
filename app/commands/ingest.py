"""kairos ingest: read files into the index."""

import asyncio
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from app.ingestion import ingestion
from app.local import configure, local_profile, opening, question_of
from app.terminal import Groups, Json, Tenant, console, notes, print_json, run, split, text
from state.errors import KairosError
from state.identity import Identity
from state.ingest import Report
from state.postgres.collections import sources

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig
    from langgraph.types import Command

Yes = Annotated[bool, typer.Option("--yes", help="Pay what a model's calls cost without being asked.")]


def ingest(
    paths: Annotated[list[str] | None, typer.Argument(metavar="[PATH…]", help="Files or folders.")] = None,
    collection: Annotated[str, typer.Option(callback=text, help="Where they belong.")] = "default",
    tenant: Tenant = "default",
    groups: Groups = "",
    sync: Annotated[bool, typer.Option(help="Remove documents whose files are gone.")] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Read files into the index, or the collection's sources if no path is given; what is unchanged is passed over.

    Example: kairos ingest handbook/ --groups staff --sync
    """
    profile = local_profile(tenant, split(groups))
    finish(run(_ingest(paths, profile, sync, collection, yes), as_json), as_json)


async def _ingest(
    paths: list[str] | None, identity: Identity, sync: bool, collection: str, yes: bool
) -> Report | int:
    if not paths:
        if not await sources(identity, collection):
            raise typer.BadParameter(f"give a path, or add a source to the collection {collection!r} first")
        return await _run(identity, {"collection": collection}, configure(identity), yes)
    return await ingest_paths(paths, identity, list(identity.groups), sync, collection, yes)


async def ingest_paths(
    paths: list[str],
    identity: Identity,
    groups: list[str],
    sync: bool,
    collection: str = "default",
    yes: bool = False,
) -> Report | int:
    """Read files and folders; the report, or the number of the run if it was paused."""
    given = {"paths": paths, "groups": groups, "sync": sync, "collection": collection}
    return await _run(identity, given, configure(identity), yes)


async def ingest_files(
    identity: Identity, collection: str, files: list[int], yes: bool = False
) -> Report | int:
    """Read known files again, whatever they hold."""
    return await _run(identity, {"files": files, "collection": collection}, configure(identity), yes)


async def resume_run(identity: Identity, number: int, yes: bool = False) -> Report | int:
    """Go on with a run that was paused or cut short."""
    async with opening():
        from langgraph.types import Command

        from graphs.ingest import build
        from state.postgres import ingest_runs

    found = await ingest_runs.find(identity, number)
    if found["status"] in ("done", "cancelled"):
        raise KairosError("run_ended", f"Run {number} is {found['status']}; ingest again instead.")
    config = configure(identity, found["thread_id"])
    question = await question_of(build(), config)
    if question is None:
        await ingest_runs.set_status(identity, number, "running", only_from=("paused",))
        return await _run(identity, None, config, yes)
    if "cost" not in question:
        return await _run(identity, Command(resume=True), config, yes)
    agreed = await _agreed(question["sentence"], yes)
    return number if agreed is None else await _run(identity, _answer(agreed), config, yes)


async def _run(
    identity: Identity, given: "Mapping[str, Any] | Command[Any] | None", config: "RunnableConfig", yes: bool
) -> Report | int:
    """Run the ingest machine; where it asks whether to pay, ask the person at the terminal."""
    async with opening():
        from graphs.ingest import build

    state = await _watch(identity, given, config)
    question = None if "report" in state else await question_of(build(), config)
    if question and "cost" in question:
        agreed = await _agreed(question["sentence"], yes)
        if agreed is not None:
            state = await _watch(identity, _answer(agreed), config)
    report: Report | None = state.get("report")
    return report or int(state["run"])


def _answer(agreed: bool) -> "Command[Any]":
    from langgraph.types import Command

    return Command(resume={"go_on": agreed})


async def _agreed(sentence: str, yes: bool) -> bool | None:
    """What the person says to a cost; None if there is nobody to ask."""
    notes.print(escape(sentence), highlight=False, soft_wrap=True)
    if yes:
        return True
    if not sys.stdin.isatty():
        notes.print("Nothing was started: say --yes to go on.")
        return None
    return await asyncio.to_thread(typer.confirm, "Go on?", err=True)


async def _watch(
    identity: Identity, given: "Mapping[str, Any] | Command[Any] | None", config: "RunnableConfig"
) -> dict[str, Any]:
    """Run the ingest machine with a progress bar on standard error; its last state."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=notes, transient=True) as progress:
        task = progress.add_task("Looking", total=None)
        state: dict[str, Any] = {}
        async for mode, event in ingestion(identity, given, config):
            if mode == "values":
                state = event
                progress.update(task, total=state.get("total"), completed=state.get("read", 0))
            elif event["event"] == "document":
                progress.update(task, advance=1, description=escape(event["path"][-40:]))
            else:
                progress.update(task, total=event.get("total"), description="Reading")
    return state


class Rate(ProgressColumn):
    """Files a second."""

    def render(self, task: Task) -> Text:
        """The present rate, empty until it is known."""
        return Text(f"{task.speed:.1f}/s" if task.speed else "")


def finish(result: Report | int, as_json: bool) -> None:
    """Print what became of a run; exit 1 if anything failed."""
    if isinstance(result, int):
        if as_json:
            print_json({"run": result, "status": "paused"})
        else:
            console.print(f"Run {result} is paused; go on with: kairos runs resume {result}")
        return
    if as_json:
        print_json(result)
    else:
        show(result)
    if result["failed"]:
        raise typer.Exit(1)


def show(report: Report) -> None:
    """The report, for people."""
    cancelled = "Cancelled: " if report["status"] == "cancelled" else ""
    console.print(
        f"{cancelled}{report['added']} added, {report['updated']} updated, {report['unchanged']} unchanged, "
        f"{report['deleted']} deleted, {report['failed']} failed; "
        f"{report['chunks']} chunks in {report['seconds']:.1f} s"
    )
    for failure in report["failures"]:
        path, sentence = failure["path"], failure["error"]
        named = sentence if path in sentence else f"{path}: {sentence}"
        notes.print(
            f"[red]failed[/red] {escape(named)}",
            highlight=False,
            soft_wrap=True,
        )
