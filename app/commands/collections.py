"""kairos collections: how documents are cut, described and kept."""

from typing import Annotated

import typer
from rich.markup import escape

from app.local import local_profile
from app.terminal import Json, Tenant, console, print_json, print_table, run, text
from state.identity import Identity
from state.postgres import collections as store
from state.postgres import files
from tools.chunking import STRATEGIES

collections = typer.Typer(help="Look after collections of documents.", no_args_is_help=True)

AT_A_TIME = 500
"""Files that are deleted in one transaction."""

Name = Annotated[str, typer.Argument(metavar="NAME", callback=text, help="The collection.")]


@collections.command("list")
def list_(tenant: Tenant = "default", as_json: Json = False) -> None:
    """List collections with their settings and sizes.

    Example: kairos collections list
    """
    rows = run(store.overview(local_profile(tenant, ())), as_json)
    if as_json:
        print_json({"collections": rows})
        return
    cells = [
        (
            row["name"],
            row["chunking"],
            "yes" if row["contextual"] else "no",
            f"{row['keep_versions']} days",
            *(row[key] for key in ("files", "failed", "chunks", "sources")),
        )
        for row in rows
    ]
    columns = ("name", "chunking", "context", "versions", "files", "failed", "chunks", "sources")
    print_table(columns, cells, "There is no collection yet.")


@collections.command("set")
def set_(
    name: Name,
    chunking: Annotated[str | None, typer.Option(help=f"One of {', '.join(STRATEGIES)}.")] = None,
    context: Annotated[
        bool | None, typer.Option("--context/--no-context", help="A model writes a line about each chunk.")
    ] = None,
    keep_versions: Annotated[
        int | None, typer.Option(min=0, help="Days that replaced versions open.")
    ] = None,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Make or change a collection; its documents follow with the next ingest.

    Example: kairos collections set handbook --chunking parent-child --keep-versions 90
    """
    if chunking is not None and chunking not in STRATEGIES:
        raise typer.BadParameter(f"{chunking!r} is none of {', '.join(STRATEGIES)}", param_hint="--chunking")
    found = run(store.configure(local_profile(tenant, ()), name, chunking, context, keep_versions), as_json)
    settings = {
        "name": found.name,
        "chunking": found.chunking,
        "contextual": found.contextual,
        "keep_versions": found.keep_versions,
    }
    if as_json:
        print_json(settings)
    else:
        console.print(", ".join(f"{key} {escape(str(value))}" for key, value in settings.items()))


@collections.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    tenant: Tenant = "default",
    as_json: Json = False,
) -> None:
    """Delete a collection with its sources and all that is stored of its files.

    Example: kairos collections delete old-handbook
    """
    if not yes and not typer.confirm(f"Delete the collection {name} and everything in it?", err=True):
        raise typer.Exit(1)
    count = run(_delete(local_profile(tenant, ()), name), as_json)
    if as_json:
        print_json({"deleted": count})
    else:
        console.print(f"{count} files deleted.")


async def _delete(identity: Identity, name: str) -> int:
    collection = await store.find(identity, name)
    ids = [row["id"] for row in await files.of_collection(identity, collection.id)]
    deleted = [await files.delete(identity, ids[at : at + AT_A_TIME]) for at in range(0, len(ids), AT_A_TIME)]
    await store.delete(identity, collection)
    return sum(deleted)
