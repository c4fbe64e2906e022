"""Reader of the plain evaluation format "files": files and, in manifest.csv, what is known of them."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from evals.rows import fail, lines

MANIFEST = "manifest.csv"
COLUMNS = ("path", "bytes", "type", "note", "expected")

_EXPECTED = re.compile(r"(?:pages=(?P<pages>\d{1,9}))?(?:(?:^|\s*;\s*)text=(?P<text>.+))?\s*", re.S)


@dataclass(frozen=True, slots=True)
class FileCase:
    """One file: where it is, its name in the report, type, notes (words), and pages and a phrase where known."""

    file: Path
    path: str
    type: str
    notes: tuple[str, ...]
    pages: int | None
    text: str | None


def load_files(folder: Path, limit: int | None = None) -> tuple[FileCase, ...]:
    """The first `limit` files that the folder's manifest lists, or those of the folders directly in it.

    Raises KairosError `eval_data_invalid`.
    """
    sets = (
        [folder]
        if (folder / MANIFEST).exists()
        else sorted(file.parent for file in folder.glob(f"*/{MANIFEST}"))
    )
    if not sets:
        fail(folder / MANIFEST, "the file is missing, here and in every folder here")
    cases = (case for each in sets for case in _cases(folder, each))
    return tuple(islice(cases, limit))


def _cases(folder: Path, part: Path) -> Iterator[FileCase]:
    path = part / MANIFEST
    for line, row in _rows(path):
        file = (part / row["path"]).resolve()
        if not row["path"] or not file.is_file():
            fail(path, f"no file {row['path']}", line, "path")
        expected = _EXPECTED.fullmatch(row["expected"].strip())
        if expected is None:
            fail(path, "neither empty nor pages=N; text=PHRASE", line, "expected")
        yield FileCase(
            file=file,
            path=(part / row["path"]).relative_to(folder).as_posix(),
            type=row["type"] or "none",
            notes=tuple(re.findall(r"(?:^|;)\s*(\w+)\s*(?=;|$)", row["note"])),
            pages=int(expected["pages"]) if expected["pages"] else None,
            text=expected["text"],
        )


def _rows(path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """(last line of the row, column -> field)."""
    reader = csv.reader((text + "\n" for _, text in lines(path)), strict=True)
    names = next(reader, [])
    for column in COLUMNS:
        if column not in names:
            fail(path, "missing from the header", 1, column)
    try:
        for fields in reader:
            if len(fields) != len(names):
                fail(path, f"{len(fields)} fields where the header has {len(names)}", reader.line_num)
            yield reader.line_num, dict(zip(names, fields, strict=True))
    except csv.Error as error:
        fail(path, str(error), reader.line_num)
