"""Reader of the plain evaluation format "safety"."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from evals.rows import fail, json_rows

# An optional column may be left out or null: both mean "nothing given".
_Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a user wrote, the content retrieved for it, and what it is."""

    id: Annotated[str, Field(min_length=1)]
    text: str
    label: Literal["attack", "harmful", "benign"]
    kind: str
    context: _Text = ""


def load_prompts(folder: Path, limit: int | None = None) -> list[Prompt]:
    """The first `limit` rows of prompts.jsonl, or of that of each folder within.

    Raises KairosError `eval_data_invalid`.
    """
    file = folder / "prompts.jsonl"
    files = [file] if file.exists() else sorted(folder.glob("*/prompts.jsonl"))
    if not files:
        fail(file, "the file is missing")
    return [row for each in files for _, row in islice(json_rows(each, Prompt), limit)]
