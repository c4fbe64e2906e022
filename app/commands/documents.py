"""kairos documents: what is in the index, what is in quarantine, and why."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from app.commands.ingest import Yes, finish, ingest_files
from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text, to_json
from state.identity import Identity
from state.ingest import Report
from state.postgres import file_reports, files
from state.postgres.suspicions import suspicious

MOST = 100_000
"""Files that are retried at once."""

documents = typer.Typer(help="Look after what is in the index.", no_args_is_help=True)

Name = Annotated[str | None, typer.Option("--collection", help="Only this collection.")]
Ids = Annotated[list[int], typer.Argument(metavar="ID…", help="Numbers from `kairos documents list`.")]


@documents.command("list")
def list_(
    collection: Name = None,
    failed: Annotated[bool, typer.Option(help="Only the quarantine.")] = False,
    limit: Annotated[int, typer.Option("-n", min=1, help="At most so many.")] = 100,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """List files with what became of them.

    Example: kairos documents list --failed
    """
    profile = local_profile(tenant, ())
    rows = run(file_reports.list_files(profile, collection, "failed" if failed else None, limit), as_json)
    if as_json:
        print_json({"files": rows})
        return
    cells = [
        (
            *(row[key] for key in ("id", "collection", "path", "status", "chunks")),
            row["cause"] or ", ".join(row["groups"]),
        )
        for row in rows
    ]
    print_table(("id", "collection", "path", "status", "chunks", "why"), cells, "Nothing there.")


@documents.command()
def show(
    file: Annotated[int, typer.Argument(metavar="ID", help="A number from `kairos documents list`.")],
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Show all that is known of a file: its documents, versions, quality, and failures inside it.

    Example: kairos documents show 12
    """
    found = run(file_reports.show(local_profile(tenant, ()), file), as_json)
    if as_json:
        print_json(found)
    else:
        console.print_json(to_json(found))


@documents.command()
def report(collection: Name = None, tenant: Tenant = "default", as_json: Json = False) -> None:
    """Sum up the index: files by status, failures by cause, types, languages, what is doubtful or suspicious.

    Example: kairos documents report
    """
    found = run(_report(local_profile(tenant, ()), collection), as_json)
    if as_json:
        print_json(found)
        return
    table = Table("what", "count", show_header=False)
    for key, value in found.items():
        for name, count in value.items() if isinstance(value, dict) else [("", value)]:
            table.add_row(escape(f"{key} {name}".strip()), str(count))
    console.print(table)


async def _report(identity: Identity, collection: str | None) -> dict[str, Any]:
    """The counts, and the chunks of each document that the guard takes for instructions to the assistant."""
    from tools.guard.injection.network import load

    found = await file_reports.summary(identity, collection)
    return {**found, "instructions": await suspicious(identity, collection, load().thresholds["context"])}


@documents.command()
def retry(
    ids: Annotated[
        list[int] | None, typer.Argument(metavar="[ID…]", help="None: the whole quarantine.")
    ] = None,
    collection: Annotated[str, typer.Option(callback=text, help="Of this collection.")] = "default",
    yes: Yes = False,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Read files again, whatever they hold; those that were deleted come back.

    Example: kairos documents retry 12 14
    """
    finish(run(_retry(local_profile(tenant, ()), collection, ids or [], yes), as_json), as_json)


async def _retry(identity: Identity, collection: str, ids: list[int], yes: bool) -> Report | int:
    if not ids:
        ids = [row["id"] for row in await file_reports.list_files(identity, collection, "failed", MOST)]
    await file_reports.known(identity, collection, ids)
    return await ingest_files(identity, collection, ids, yes)


@documents.command()
def delete(ids: Ids, tenant: Tenant = "default", as_json: Json = False) -> None:
    """Delete files with text, vectors, postings and versions; no ingest brings them back unless they are named.

    Example: kairos documents delete 12
    """
    count = run(_delete(local_profile(tenant, ()), ids), as_json)
    if as_json:
        print_json({"deleted": count})
    else:
        console.print(f"{count} deleted.")


async def _delete(identity: Identity, ids: list[int]) -> int:
    await file_reports.known(identity, None, ids)
    return await files.exclude(identity, ids)
