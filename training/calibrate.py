"""Fit the probability that passages hold the answer, on documents that the reader was not trained on.

python -m training.calibrate --examples FILE [--examples FILE]

Prints SLOPE and OFFSET of tools/reading/said.py (Platt 1999), and for some probabilities how many answerable and
unanswerable questions fall below them.
"""

import argparse
import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from tools.passages import Passage
from tools.reading.said import log_odds
from tools.reading.weigh import weigh
from training.held_out import is_held_out

PASSAGES = 10
STEPS = 50


def held_out(file: Path) -> Iterator[tuple[str, list[Passage], bool]]:
    """Questions with their passages, and whether these hold the answer."""
    passages: dict[str, Passage] = {}
    for line in file.open(encoding="utf-8"):
        row: dict[str, Any] = json.loads(line)
        if "passage" in row:
            name, headings = row["passage"], tuple(row["headings"])
            passages[name] = Passage(name, "", row["title"], row["text"], 0, None, headings, 0.0)
        elif is_held_out(f"{row['set']}:{row['document']}"):
            found = [passages[name] for name in row["passages"][:PASSAGES]]
            yield row["question"], found, any(row["evidence"][:PASSAGES])


def fit(odds: NDArray[np.float64], said: NDArray[np.float64]) -> tuple[float, float]:
    """Slope and offset of the logistic curve, by Newton's method."""
    rows, weights = np.stack([odds, np.ones_like(odds)], axis=1), np.zeros(2)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-rows @ weights))
        curvature = (rows * (p * (1 - p))[:, None]).T @ rows + 1e-6 * np.eye(2)
        weights += np.linalg.solve(curvature, rows.T @ (said - p))
    return float(weights[0]), float(weights[1])


async def _odds(files: list[Path]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    cases = [case for file in files for case in held_out(file)]
    odds = [log_odds(await weigh(question, found)) for question, found, _ in track(cases, "Reading")]
    return np.array(odds), np.array([float(said) for *_, said in cases])


def main() -> None:
    """Print the constants, and what thresholds would mean."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=Path, action="append", required=True)
    odds, said = asyncio.run(_odds(parser.parse_args().examples))
    slope, offset = fit(odds, said)
    print(f"SLOPE, OFFSET = {slope:.3f}, {offset:.3f}   # {len(said)} questions, {said.mean():.2f} said")
    probability = 1 / (1 + np.exp(-(slope * odds + offset)))
    for least in (0.3, 0.4, 0.5, 0.6, 0.7, 0.8):
        below = probability < least
        print(
            f"below {least}: answerable {below[said == 1].mean():.3f}, not answerable {below[said == 0].mean():.3f}"
        )


if __name__ == "__main__":
    main()
