"""kairos tools sample: the sample workplace, ready to be tried."""

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from app.terminal import Json, console, explained, print_json, text
from state.errors import KairosError
from state.settings import settings

EXAMPLE = Path(__file__).resolve().parents[2] / "docs" / "tools.workplace.example.yaml"

TRY = "kairos act 'Book the room Rockall tomorrow from 10:00 to 11:00 with the title \"Review\".'"

tool_sample = typer.Typer()


@tool_sample.command("sample")
def sample(
    person: Annotated[str, typer.Option(callback=text, help="Who you are there.")] = "aoife.keane",
    as_json: Json = False,
) -> None:
    """Write a file for KAIROS_TOOLS that declares the sample workplace: leave, rooms, tickets, claims, mail.

    Example: kairos tools sample
    """
    with explained(as_json):
        file = _written(settings().home.resolve(), person)
    if as_json:
        print_json({"file": str(file)})
    else:
        console.print(f"KAIROS_TOOLS={file}", markup=False, highlight=False, soft_wrap=True)
        console.print(f"Set this variable, then: {TRY}", markup=False, highlight=False, soft_wrap=True)


def _written(home: Path, person: str) -> Path:
    """The file; its server is started over stdio and keeps its data beside it. Raises KairosError file_exists."""
    import yaml

    declared: dict[str, Any] = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    server = declared["servers"]["workplace"]
    kept = {key: server[key] for key in ("risks", "idempotent", "lookup")}
    module = ["-m", "mcp_servers.workplace", "--db", str(home / "workplace.db"), "--person", person]
    declared["servers"]["workplace"] = {"command": sys.executable, "args": module, **kept}
    file = home / "workplace.yaml"
    home.mkdir(parents=True, exist_ok=True)
    try:
        with file.open("x", encoding="utf-8") as target:
            yaml.safe_dump(declared, target, sort_keys=False)
    except FileExistsError:
        raise KairosError(
            "file_exists", f"{file} is there already; remove it to have it written anew."
        ) from None
    return file
