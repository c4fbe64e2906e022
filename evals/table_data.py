"""Tables with questions about single cells: YAML files, each with rows of cells between bars.

A cell `<` belongs to the one on its left, a cell `^` to the one above: merged cells. The first `labels` columns
name a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BeforeValidator, TypeAdapter, ValidationError

from evals.rows import fail

Kind = Literal["plain", "two_headers", "merged", "wide", "long"]
Grid = tuple[tuple[str, ...], ...]
LEFT, ABOVE = "<", "^"


def _grid(value: object) -> object:
    if not isinstance(value, str):
        return value
    return [[cell.strip() for cell in line.split("|")] for line in value.splitlines() if line.strip()]


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


Cells = Annotated[Grid, BeforeValidator(_grid)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


@dataclass(frozen=True, slots=True)
class CellQuestion:
    """A question for the cell in the row and column of these names, outermost first."""

    question: str
    row: Names
    column: Names


@dataclass(frozen=True, slots=True)
class Table:
    """One table, as it stands in a document of its own."""

    title: str
    about: str
    caption: str
    kind: Kind
    labels: int
    header: Cells
    rows: Cells
    questions: tuple[CellQuestion, ...]

    def value(self, asked: CellQuestion) -> str:
        """The text of the cell that is asked for; a LookupError if there is none, or more than one."""
        head, body = filled(self.header), filled(self.rows)
        columns = [i for i in range(len(head[0])) if _distinct([row[i] for row in head]) == asked.column]
        rows = [row for row in body if row[: self.labels] == asked.row]
        if len(columns) != 1 or len(rows) != 1:
            raise LookupError(
                f"{asked.question} {len(rows)} rows and {len(columns)} columns have these names"
            )
        return rows[0][columns[0]]


def filled(grid: Grid) -> Grid:
    """The grid with every merged cell's text in all of its places."""
    done: list[tuple[str, ...]] = []
    for row in grid:
        cells: list[str] = []
        for place, cell in enumerate(row):
            cells.append(cells[-1] if cell == LEFT else done[-1][place] if cell == ABOVE else cell)
        done.append(tuple(cells))
    return tuple(done)


def load_tables(folder: Path) -> dict[str, Table]:
    """The tables of a folder by name of their file. Raises KairosError `eval_data_invalid`."""
    adapter: TypeAdapter[Table] = TypeAdapter(Table)
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            table = adapter.validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
            found[path.stem] = table
            _check(path, table)
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            fail(path, f"cannot be read ({error})")
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            fail(path, first["msg"], column=".".join(map(str, first["loc"])))
    if not found:
        fail(folder, "no *.yaml file is there")
    return found


def _check(path: Path, table: Table) -> None:
    grid = (*table.header, *table.rows)
    if not (table.header and table.rows) or len({len(row) for row in grid}) != 1:
        fail(path, "there is no header, no row, or not the same number of cells in all of them")
    try:
        for asked in table.questions:
            table.value(asked)
    except LookupError as error:
        fail(path, str(error), column="questions")


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
