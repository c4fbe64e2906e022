"""Figures of a bench for people and for machines."""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

notes = Console(stderr=True)


def bar() -> Progress:
    """A progress bar on standard error."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    return Progress(*columns, console=notes, transient=True)


def machine() -> dict[str, Any]:
    """What the figures were taken on: processors, and the load (processes that ran or waited, 1 and 5 minutes)."""
    one, five, _ = os.getloadavg()
    return {"cpus": os.cpu_count(), "load_1_min": round(one, 2), "load_5_min": round(five, 2)}


def show(title: str, rows: Mapping[str, Mapping[str, Any]], columns: Sequence[str] = ()) -> None:
    """A table with a row for each name."""
    names = list(columns) or list(dict.fromkeys(key for row in rows.values() for key in row))
    table = Table("", title=title)
    for name in names:
        table.add_column(name.replace("_", " "), justify="right")
    for name, row in rows.items():
        table.add_row(name, *(_cell(row.get(column)) for column in names))
    Console(width=max(100, min(220, 24 + 12 * len(names)))).print(table)


def finish(
    report: Mapping[str, Any], as_json: bool, tables: Mapping[str, Mapping[str, Mapping[str, Any]]]
) -> None:
    """One JSON object, or the tables."""
    if as_json:
        print(json.dumps(report))
        return
    for title, rows in tables.items():
        show(title, rows)
    print("load average", os.getloadavg(), "on", os.cpu_count(), "CPUs")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if not isinstance(value, float):
        return str(value)
    return f"{value:.3g}" if abs(value) < 100 else f"{value:.0f}"
