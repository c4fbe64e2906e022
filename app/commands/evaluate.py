"""kairos eval: measure the product on a folder of data."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app.terminal import Json, console, explained, notes, run
from state.errors import KairosError

Kind = Literal["retrieval", "qa", "tables"]


def evaluate(
    kind: Annotated[Kind, typer.Argument(help="What to measure.")],
    data: Annotated[Path, typer.Option(help="A folder in the plain format of that kind.", file_okay=False)],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N questions.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the report to this file as well.", dir_okay=False)
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the product's own search or assistant, in a database of its own.

    Example: kairos eval qa --data evals/datasets/handbook
    """
    from evals.report import table, to_json

    if out:
        with explained(as_json):
            _writable(out)
    with Measuring() as progress:
        report = run(import_module(f"evals.{kind}").run(data, limit, progress.tell), as_json)
    if out:
        out.write_text(to_json(report) + "\n", encoding="utf-8")
    if as_json:
        sys.stdout.write(to_json(report) + "\n")
    else:
        console.print(table(report))


def _writable(out: Path) -> None:
    """Found out before minutes of measuring, not after."""
    try:
        out.open("a").close()
    except OSError as error:
        raise KairosError("report_unwritable", f"The report cannot be written: {error}.") from error


class Measuring:
    """Progress bars on standard error, one for each thing that is being done."""

    def __init__(self) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bars = Progress(*columns, console=notes, transient=True)
        self._tasks: dict[str, TaskID] = {}

    def tell(self, what: str, done: int, total: int) -> None:
        """Advance the bar of `what`."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=total)
        self._bars.update(self._tasks[what], completed=done, total=total)

    def __enter__(self) -> "Measuring":
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()
