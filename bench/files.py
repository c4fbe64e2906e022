"""Folders of files with a manifest.csv: path, type, note, and what must be found in them."""

import csv
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

SOUND = {"ok", "large", "owner_protected"}


@dataclass(frozen=True, slots=True)
class Sample:
    """A file; `phrase` stands in its text (empty: none is known), `sound`: a reader is to make text of it."""

    path: str
    type: str
    phrase: str
    sound: bool


def samples(folder: Path, types: Collection[str] = ()) -> list[Sample]:
    """The files of a folder with a manifest, or of the folders below it that have one; only `types` if any."""
    manifests = (
        [folder / "manifest.csv"]
        if (folder / "manifest.csv").exists()
        else sorted(folder.glob("*/manifest.csv"))
    )
    if not manifests:
        raise SystemExit(f"{folder} has no manifest.csv, and no folder in it has.")
    found = [sample for manifest in manifests for sample in _listed(manifest)]
    return [sample for sample in found if not types or sample.type in types]


def _listed(manifest: Path) -> Iterator[Sample]:
    with manifest.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            notes = {note.split("=")[0].strip() for note in row["note"].split(";")}
            yield Sample(
                str((manifest.parent / row["path"]).resolve()),
                row["type"].lower().removeprefix("."),
                row["expected"].partition("text=")[2],
                notes <= SOUND,
            )
