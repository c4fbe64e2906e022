"""What acting without a model reaches on the two halves of a folder's cases, by weights that saw no such function.

python -m training.acting_halves --data FOLDER [--errors FILE]

The halves are told by a hash of set and id. Errors are only ever written, and looked at, of the first: `dev`.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from evals.tool_rows import Case, Function, load_cases
from evals.tool_scores import same_calls
from evals.tools import Measured, among_first, calls_of, drawn, measures, pooled
from tools.acting import fitting
from training import acting_fit, acting_sorts
from training.acting import examples, fit
from training.acting_cases import cases as ours
from training.acting_folds import FOLDS, fold_of, with_weights


@dataclass(frozen=True, slots=True)
class Fold:
    """Weights that were trained without the functions of this fold."""

    arguments: NDArray[np.float64]
    fitting: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """A case as it was measured; made: the calls; seconds: for its question alone."""

    half: str
    case: Case
    made: list[tuple[str, dict[str, Any]]]
    measured: Measured
    seconds: float


def half_of(name: str, case: Case) -> str:
    """Always the same, whatever else the folder holds."""
    return "dev" if crc32(f"{name}/{case.id}".encode()) % 2 else "held out"


async def folds(cases: Sequence[Case], decay: float) -> list[Fold]:
    """As training.acting makes them."""
    made = examples(cases)
    arguments = [fit([one for one in made if one.fold != fold], decay) for fold in range(FOLDS)]
    found = await acting_fit.rows(cases, arguments)
    return [
        Fold(arguments[fold], acting_fit.fit([row for row in found if row.fold != fold]))
        for fold in range(FOLDS)
    ]


@contextmanager
def without(fold: Fold) -> Iterator[None]:
    """Within, a fold's weights decide."""
    chosen = tuple(float(weight) for weight in fold.fitting)
    with patch.object(fitting, "weights", lambda: chosen), with_weights(fold.arguments):
        yield


async def measure(name: str, case: Case, pool: Sequence[Function]) -> Row:
    """One case that has a right call, and the same of functions of others."""
    found = await among_first(case, pool)
    started = time.perf_counter()
    made = await calls_of(case)
    seconds = time.perf_counter() - started
    exact = same_calls(made, [{"name": one.name, "arguments": one.arguments} for one in case.expected])
    declined = not await calls_of(drawn(case, pool))
    return Row(half_of(name, case), case, made, Measured(name, found, exact, declined, True), seconds)


def told(half: str, name: str, own: Sequence[Row]) -> dict[str, Any]:
    """The figures of some rows."""
    values = {key: one["value"] for key, one in measures([row.measured for row in own]).items()}
    seconds = np.percentile([row.seconds * 1000 for row in own], [50, 95])
    return {"half": half, "set": name, "n": len(own), **values, "ms_p50_p95": seconds.round(1).tolist()}


def shown(sets: Iterable[str], rows: Sequence[Row]) -> Iterator[dict[str, Any]]:
    """The figures of each half by set, and of all of it."""
    for half in ("dev", "held out"):
        mine = [row for row in rows if row.half == half]
        for name in sets:
            yield told(half, name, [row for row in mine if row.measured.set == name])
        yield told(half, "all", mine)


async def run(sets: Mapping[str, Sequence[Case]], decay: float) -> list[Row]:
    """Train the folds, and ask every case of the one that has not seen its function."""
    every = [case for own in sets.values() for case in own]
    pool, rows = pooled(every), list[Row]()
    with acting_sorts.with_sorts(acting_sorts.found([*ours(), *every])):
        trained = await folds([*ours(), *every], decay)
        for name, own in sets.items():
            for case in own:
                with without(trained[fold_of(case.expected[0].name)]):
                    rows.append(await measure(name, case, pool))
    return rows


def _error(row: Row) -> dict[str, Any]:
    expected = [[one.name, one.arguments] for one in row.case.expected]
    return {"id": row.case.id, "question": row.case.question, "expected": expected, "made": row.made}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--decay", type=float, default=6e-4)
    parser.add_argument("--errors", type=Path, help="Write what went wrong in `dev` to this file.")
    asked = parser.parse_args()
    sets = load_cases(asked.data)
    rows = asyncio.run(run(sets, asked.decay))
    for figures in shown(sets, rows):
        print(json.dumps(figures))
    if asked.errors:
        wrong = [row for row in rows if row.half == "dev" and not row.measured.exact]
        asked.errors.write_text("".join(json.dumps(_error(row)) + "\n" for row in wrong), encoding="utf-8")


if __name__ == "__main__":
    main()
