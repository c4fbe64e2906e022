"""Reader of the plain evaluation format "tools"."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from evals.rows import fail, json_rows


@dataclass(frozen=True, slots=True)
class Function:
    """A function that may be called; parameters: JSON Schema."""

    name: Annotated[str, Field(min_length=1)]
    description: str
    parameters: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """A right call: every argument with its accepted values, "" among them where it may be left out."""

    name: str
    arguments: dict[str, list[Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the functions at hand, and the calls that are right; none: no call is."""

    id: Annotated[str, Field(min_length=1)]
    question: str
    functions: list[Function]
    expected: list[Expected]


def load_cases(folder: Path, limit: int | None = None) -> dict[str, list[Case]]:
    """The first `limit` rows of cases.jsonl, or of that of each folder within, by the folder's name.

    Raises KairosError `eval_data_invalid`.
    """
    file = folder / "cases.jsonl"
    files = [file] if file.exists() else sorted(folder.glob("*/cases.jsonl"))
    if not files:
        fail(file, "the file is missing")
    return {each.parent.name: [row for _, row in islice(json_rows(each, Case), limit)] for each in files}
