"""Measure the detector on what its weights were not trained on, and a peer on the same texts in the same run.

python -m training.pii_folds --data SET... --folds FOLDER [--peers-python PEERS/bin/python]

SET: all sets given to training.pii with --folds FOLDER. Each text is read with the weights of the fold that held its
templates out. Prints one JSON object a set: {"data", "kairos": report, "presidio": {"metrics", "slices"}}.
"""

import argparse
import json
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from evals.pii import Row, judged, load, measured
from evals.pii_scores import Judged, ours
from tools.guard.pii.detect import Detector
from training.pii import FOLDS, fold_of
from training.pii_texts import read


def by_fold(rows: Sequence[Row], folds: Path, fold: dict[str, int]) -> tuple[list[Judged], list[float]]:
    """Each row by the detector that has not seen its templates; seconds of each."""
    detectors = [Detector(folds / f"{number}.npz") for number in range(FOLDS)]
    for one in detectors:
        one.find("Warm.")
    pairs = [judged(detectors[fold[row.text]], row) for row in rows]
    return [one for one, _ in pairs], [seconds for _, seconds in pairs]


def by_peer(rows: Sequence[Row], python: str) -> tuple[list[Judged], list[float]]:
    """Each row by the peer, in its own interpreter."""
    asked = "".join(json.dumps({"text": row.text}) + "\n" for row in rows)
    answered = subprocess.run(  # noqa: S603 - an interpreter of the caller's choice
        [python, "-m", "bench.peer_pii"], input=asked, capture_output=True, text=True, check=True
    )
    answers: list[dict[str, Any]] = [json.loads(line) for line in answered.stdout.splitlines()][1:]
    found = [[(start, end, ours(kind)) for start, end, kind in answer["spans"]] for answer in answers]
    marked = [[(span.start, span.end, span.type) for span in row.spans] for row in rows]
    return [Judged(*pair) for pair in zip(marked, found, strict=True)], [one["seconds"] for one in answers]


def main() -> None:
    """Entry."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, nargs="+", required=True)
    parser.add_argument("--folds", type=Path, required=True)
    parser.add_argument("--peers-python")
    given = parser.parse_args()
    fold = {text.text: fold_of(text.group) for text in read(given.data)}
    for folder in given.data:
        rows = load(folder)
        result: dict[str, Any] = {
            "data": folder.name,
            "kairos": _shown(rows, *by_fold(rows, given.folds, fold)),
        }
        if given.peers_python:
            result["presidio"] = _shown(rows, *by_peer(rows, given.peers_python))
        print(json.dumps(result))


def _shown(rows: Sequence[Row], found: list[Judged], seconds: list[float]) -> dict[str, Any]:
    metrics, slices = measured(rows, found, seconds)
    return {"metrics": metrics, "slices": {name: asdict(part) for name, part in slices.items()}}


if __name__ == "__main__":
    main()
