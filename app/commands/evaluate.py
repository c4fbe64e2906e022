"""kairos eval: measure the product on a folder of data."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app.terminal import Json, console, explained, notes, run
from state.errors import KairosError
from tools.chunking import DEFAULT, STRATEGIES

Kind = Literal["retrieval", "qa", "files", "tables", "pii", "safety", "tools"]
CHUNKED: tuple[Kind, ...] = ("retrieval", "qa")
ALL = "all"


def evaluate(
    kind: Annotated[Kind, typer.Argument(help="What to measure.")],
    data: Annotated[
        list[Path],
        typer.Option(
            help="A folder in the plain format of that kind; --ablate takes several.", file_okay=False
        ),
    ],
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first N questions or files.")] = None,
    chunking: Annotated[
        str | None, typer.Option(help=f"One of {', '.join(STRATEGIES)}; retrieval also compares all.")
    ] = None,
    typos: Annotated[
        int | None, typer.Option(min=1, max=5, help="retrieval only: also with so many slips a query.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the report to this file as well.", dir_okay=False)
    ] = None,
    ablate: Annotated[
        bool, typer.Option("--ablate", help="Retrieval: what each part of the ranking adds.")
    ] = False,
    plot: Annotated[
        Path | None,
        typer.Option(help="Save a plot (SVG) of --ablate; by default beside --out.", dir_okay=False),
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the product's own search, assistant, guards or reading of files, in a database of its own.

    Example: kairos eval retrieval --data evals/datasets/handbook --chunking all
    """
    from evals.report import comparison, failure_table, table, to_json

    _check(kind, data, chunking, typos, ablate, plot)
    if ablate and out and not plot:
        plot = out.with_suffix(".svg")
    for file in filter(None, (out, plot)):
        with explained(as_json):
            _writable(file)
    with Measuring() as progress:
        module, more = _measure(kind, chunking, typos, ablate)
        of = data if ablate else data[0]
        report = run(import_module(f"evals.{module}").run(of, limit, progress.tell, *more), as_json)
    if out:
        out.write_text(to_json(report) + "\n", encoding="utf-8")
    if plot:
        from evals.plot import svg

        plot.write_text(svg(report), encoding="utf-8")
    if as_json:
        sys.stdout.write(to_json(report) + "\n")
    else:
        console.print(comparison(report) if chunking == ALL or typos else table(report))
        if report.failures:
            console.print(failure_table(report))


def _measure(
    kind: Kind, chunking: str | None, typos: int | None, ablate: bool
) -> tuple[str, tuple[object, ...]]:
    """The module that measures it, and what it takes beyond the data."""
    if typos:
        return "planned", (typos,)
    return "ablation" if ablate else kind, (chunking or DEFAULT,) if kind in CHUNKED else ()


def _check(
    kind: Kind,
    data: list[Path],
    chunking: str | None,
    typos: int | None,
    ablate: bool,
    plot: Path | None,
) -> None:
    if chunking is not None and kind not in CHUNKED:
        raise typer.BadParameter(f"means nothing to eval {kind}", param_hint="--chunking")
    compared = kind == "retrieval" and chunking == ALL and not ablate
    if chunking is not None and chunking not in STRATEGIES and not compared:
        raise typer.BadParameter(f"{chunking!r} is none of {', '.join(STRATEGIES)}", param_hint="--chunking")
    if typos is not None and (kind != "retrieval" or chunking is not None or ablate):
        raise typer.BadParameter("goes with retrieval alone", param_hint="--typos")
    if ablate and kind != "retrieval":
        raise typer.BadParameter(f"means nothing to eval {kind}", param_hint="--ablate")
    if plot and not ablate:
        raise typer.BadParameter("goes with --ablate", param_hint="--plot")
    if len(data) > 1 and not ablate:
        raise typer.BadParameter("several go with --ablate only", param_hint="--data")


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
