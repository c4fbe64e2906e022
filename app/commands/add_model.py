"""kairos models add: write models into the catalog file, from options or from what a server says it has."""

import asyncio
import os
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import SecretStr
from rich.markup import escape

from app.terminal import Json, console, print_json, run, split, text, texts
from state.errors import KairosError
from state.settings import settings
from tools.models.discovery import discover
from tools.models.reading import read
from tools.models.watch import DEFAULT_FILE, shortcut
from tools.models.writing import add as write


def add(
    name: Annotated[str | None, typer.Argument(callback=text, help="What the model is called here.")] = None,
    model: Annotated[
        list[str],
        typer.Option(callback=texts, help="The server's name of the model; repeat it with --discover."),
    ] = [],  # noqa: B006 - typer copies it
    provider: Annotated[str, typer.Option(help="See docs/models.example.yaml.")] = "openai_compatible",
    url: Annotated[str | None, typer.Option(callback=text, help="The server's address, up to /v1.")] = None,
    key_env: Annotated[
        str | None, typer.Option(callback=text, help="The variable that holds the key.")
    ] = None,
    input_price: Annotated[float | None, typer.Option(help="USD per million tokens read.")] = None,
    output_price: Annotated[float | None, typer.Option(help="USD per million tokens written.")] = None,
    context: Annotated[int | None, typer.Option(help="Tokens that it takes at once.")] = None,
    capabilities: Annotated[str, typer.Option(help="Such as tools,vision; else the provider's.")] = "",
    region: Annotated[str | None, typer.Option(callback=text, help="Where it runs.")] = None,
    found_at: Annotated[
        str | None,
        typer.Option(
            "--discover",
            metavar="URL",
            callback=text,
            help="List what URL/models has; add with --model or --all.",
        ),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="With --discover: add all that it has.")] = False,
    as_json: Json = False,
) -> None:
    """Add models to the catalog file; its comments stay, and a running server takes them up within a second.

    Example: kairos models add qwen --model Qwen/Qwen3-8B --url http://127.0.0.1:30000/v1 --context 32768

    Example: kairos models add --discover http://127.0.0.1:30000/v1 --model Qwen/Qwen3-8B
    """
    if found_at is None and (name is None or len(model) != 1 or every):
        raise typer.BadParameter("give a NAME and one --model, or --discover")
    if found_at is not None and (name is not None or url is not None):
        raise typer.BadParameter("with --discover the names and the address are the server's")
    fields = {
        "base_url": found_at or url,
        "key_env": key_env,
        "capabilities": list(split(capabilities)) or None,
        "context": context,
        "input_price": input_price,
        "output_price": output_price,
        "region": region,
    }
    rest = {"provider": provider} | {key: value for key, value in fields.items() if value is not None}
    result = run(_added(name, model, rest, found_at, every), as_json)
    print_json(result) if as_json else _tell(result)


async def _added(
    name: str | None, wanted: list[str], rest: dict[str, Any], found_at: str | None, every: bool
) -> dict[str, Any]:
    found: list[str] = []
    chosen = wanted
    if found_at is not None:
        secret = os.environ.get(rest.get("key_env", ""))
        found = await discover(found_at, SecretStr(secret) if secret else None)
        if missing := [one for one in wanted if one not in found]:
            there = ", ".join(found) or "none"
            raise KairosError("model_unknown", f"{found_at} has no model {missing[0]!r}; it has: {there}.")
        chosen = found if every else wanted
    entries = [{"name": name or one, "model": one, **rest} for one in chosen]
    path, added = await asyncio.to_thread(_write, entries, every)
    return {"file": str(path), "found": found, "added": added}


def _write(entries: list[dict[str, Any]], every: bool) -> tuple[Path, list[str]]:
    """The file, and the names that were added to it: of all that a server has, those that it did not have yet."""
    config = settings()
    path = config.models or DEFAULT_FILE
    ours = [entry.name for entry in shortcut(config)]
    if every and path.exists():
        known = {entry.name for entry in read(path, ours).models}
        entries = [entry for entry in entries if entry["name"] not in known]
    if entries:
        write(path, entries, ours)
    return path, [entry["name"] for entry in entries]


def _tell(result: dict[str, Any]) -> None:
    for name in result["found"]:
        console.print(escape(name), highlight=False, soft_wrap=True)
    if result["added"]:
        names = escape(", ".join(result["added"]))
        console.print(f"{escape(result['file'])} now has: {names}", highlight=False, soft_wrap=True)
    else:
        console.print("Nothing was added; choose with --model or --all.", highlight=False)
