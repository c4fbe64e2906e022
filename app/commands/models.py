"""kairos models: what is configured, whether it answers, and adding to it."""

import asyncio
from typing import Annotated, Any

import typer

from app.commands.add_model import add
from app.terminal import Json, print_json, print_table, run, text
from state.errors import KairosError
from tools.models.availability import unavailable
from tools.models.catalog import catalog, find
from tools.models.entry import Entry

models = typer.Typer(help="Look after the catalog of models.", no_args_is_help=True)
models.command()(add)


@models.command("list")
def list_(as_json: Json = False) -> None:
    """List the models in order of preference, with prices in USD per million tokens.

    Example: kairos models list
    """
    loaded = run(asyncio.to_thread(catalog.now), as_json)
    rows = [_described(entry) for entry in loaded.entries.values()]
    if as_json:
        print_json({"file": str(loaded.path), "models": rows})
        return
    columns = ("name", "provider", "model", "tier", "in / out", "context", "capabilities", "available")
    print_table(columns, [_cells(row) for row in rows], "There is no model.")


def _described(entry: Entry) -> dict[str, Any]:
    shown = entry.model_dump(mode="json", exclude={"key_env", "timeouts", "limits", "passage_order"})
    reason = unavailable(entry)
    return {
        **shown,
        "capabilities": sorted(entry.capabilities),
        "available": reason is None,
        "reason": reason or "",
    }


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    prices = [row["input_price"], row["output_price"]]
    return (
        row["name"],
        row["provider"],
        row["model"],
        row["tier"] or "",
        "not known" if None in prices else " / ".join(f"{price:g}" for price in prices),
        f"{row['context']:,}" if row["context"] else "not known",
        ", ".join(row["capabilities"]),
        "yes" if row["available"] else row["reason"],
    )


@models.command()
def check(
    name: Annotated[
        str | None, typer.Argument(callback=text, help="Only this model; else all that are available.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Call each model once with a tiny question; models that cannot be used are skipped and named.

    Example: kairos models check extractive
    """
    checks = run(_checked(name), as_json)
    if as_json:
        print_json({"ok": not any(row["status"] == "failed" for row in checks), "models": checks})
    else:
        columns = ("name", "status", "seconds", "what")
        cells = [(row["name"], row["status"], row["seconds"] or "", row["sentence"]) for row in checks]
        print_table(columns, cells, "There is no model.")
    if any(row["status"] == "failed" for row in checks):
        raise typer.Exit(1)


async def _checked(name: str | None) -> list[dict[str, Any]]:
    entries = await asyncio.to_thread(lambda: [find(name)] if name else [*catalog().values()])
    return list(await asyncio.gather(*(_check(entry) for entry in entries)))


async def _check(entry: Entry) -> dict[str, Any]:
    from tools.models.probe import probe

    row: dict[str, Any] = {"name": entry.name, "status": "ok", "seconds": None, "sentence": ""}

    if reason := await asyncio.to_thread(unavailable, entry):
        return {**row, "status": "skipped", "sentence": reason}
    try:
        return {**row, "seconds": round(await probe(entry), 3)}
    except KairosError as error:
        return {**row, "status": "failed", "sentence": error.sentence, "code": error.code}
