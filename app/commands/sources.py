"""kairos sources: where a collection's documents come from, and how often they are looked at."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Column

from app.local import local_profile
from app.terminal import Groups, Json, Tenant, console, print_json, print_table, run, split, text
from state.errors import KairosError
from state.identity import Identity
from state.postgres import collections as store
from state.postgres import files
from tools.schedule import next_after
from tools.sources import Source, check

sources = typer.Typer(help="Look after where a collection's documents come from.", no_args_is_help=True)


class Kind(StrEnum):
    """The kinds of sources there are."""

    folder = "folder"
    urls = "urls"
    sitemap = "sitemap"
    git = "git"
    s3 = "s3"


@sources.command()
def add(
    location: Annotated[
        str, typer.Argument(metavar="LOCATION", callback=text, help="Path, URL, repository, bucket.")
    ],
    kind: Annotated[Kind, typer.Option(help="What it is.")] = Kind.folder,
    collection: Annotated[str, typer.Option(callback=text, help="Where its documents belong.")] = "default",
    option: Annotated[
        list[str] | None, typer.Option(metavar="NAME=VALUE", help="Such as branch=main.")
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help='When the server reads it: "0 * * * *" (cron, UTC).')
    ] = None,
    groups: Groups = "",
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Add a source to a collection; `kairos ingest --collection NAME` reads it.

    Example: kairos sources add https://docs.example.org/sitemap.xml --kind sitemap --collection web
    """
    profile = local_profile(tenant, ())
    number = run(
        _add(profile, _source(kind, location, option or []), collection, split(groups), schedule), as_json
    )
    if as_json:
        print_json({"source": number, "collection": collection})
    else:
        console.print(
            f"Source {number} of the collection {escape(collection)}; read it with: "
            f"kairos ingest --collection {escape(collection)}",
            soft_wrap=True,
        )


def _source(kind: Kind, location: str, options: list[str]) -> Source:
    pairs = [option.partition("=") for option in options]
    if any(not middle for _, middle, _ in pairs):
        raise typer.BadParameter("an option is written NAME=VALUE", param_hint="--option")
    return Source(kind.value, location, {name: value for name, _, value in pairs})


async def _add(
    identity: Identity, source: Source, collection: str, groups: tuple[str, ...], schedule: str | None
) -> int:
    check(source)
    if schedule is not None:
        next_after(schedule, datetime.now(UTC))
    found = await store.ensure(identity, collection)
    return await store.add_source(
        identity, found, source.kind, source.location, source.options, groups, schedule
    )


@sources.command("list")
def list_(
    collection: Annotated[str | None, typer.Option(help="Only this collection.")] = None,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """List sources with their schedules; times are in UTC.

    Example: kairos sources list
    """
    rows = [_timed(row) for row in run(store.sources(local_profile(tenant, ()), collection), as_json)]
    if as_json:
        print_json({"sources": rows})
        return
    columns = ("id", "collection", Column("source", overflow="fold"), "groups", "schedule", "last", "files")
    print_table(columns, [_cells(row) for row in rows], "There is no source yet.")


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    last, coming = row["last_run"], row["next_run"]
    return (
        row["id"],
        row["collection"],
        f"{row['kind']} {row['location']}",
        ", ".join(row["groups"]),
        f"{row['schedule']}\nnext {coming:%d %b %H:%M}" if coming else "",
        f"{last:%d %b %H:%M}" if last else "never",
        row["files"],
    )


def _timed(row: dict[str, Any]) -> dict[str, Any]:
    """With the time at which the server reads it next; a time in the past: as soon as one runs."""
    since = row.pop("created_at")
    schedule = row["schedule"]
    return {**row, "next_run": next_after(schedule, row["last_run"] or since) if schedule else None}


@sources.command()
def remove(
    source: Annotated[int, typer.Argument(metavar="ID", help="A number from `kairos sources list`.")],
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Remove a source with all that is stored of its files.

    Example: kairos sources remove 3
    """
    count = run(_remove(local_profile(tenant, ()), source), as_json)
    if as_json:
        print_json({"deleted": count})
    else:
        console.print(f"{count} files deleted.")


async def _remove(identity: Identity, source: int) -> int:
    row = next((row for row in await store.sources(identity) if row["id"] == source), None)
    if row is None:
        raise KairosError("source_unknown", f"There is no source {source}; see `kairos sources list`.")
    collection = await store.find(identity, row["collection"])
    known = await files.of_collection(identity, collection.id)
    deleted = await files.delete(identity, [file["id"] for file in known if file["source"] == source])
    await store.delete_source(identity, source)
    return deleted
