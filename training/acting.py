"""Train the extractor of arguments (tools/acting/extracting) on cases in the plain format "tools".

python -m training.acting --data FOLDER --out tools/weights/acting.npz

A conditional logit over hashed features: of a parameter's candidates, and of leaving it out, the accepted ones share
the probability. Four folds, by function, give the figures that are printed: never what was trained on.
"""

import argparse
import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evals.tool_rows import Case, load_cases
from evals.tool_scores import accepted
from tools.acting.extracting.candidates import candidates
from tools.acting.extracting.meaning import Sorts
from tools.acting.extracting.parameters import Parameter, parameters
from tools.acting.extracting.scoring import BUCKETS, rows
from tools.acting.extracting.task import read
from training import acting_sorts
from training.acting_cases import cases as ours
from training.acting_folds import FOLDS, fold_of
from training.acting_sorts import DAY

LEFT_OUT = 0.3
"""What an example counts whose value was taken out of the text."""


@dataclass
class Example:
    """A parameter of a call: a row of buckets a candidate, and which of them are right; the last leaves it out."""

    fold: int
    kind: str
    rows: list[list[int]]
    right: NDArray[np.bool_]
    weight: float = 1.0


def examples(cases: Sequence[Case]) -> list[Example]:
    """Every parameter for which the text offers what is right."""
    found = []
    for case in cases:
        functions = {function.name: function for function in case.functions}
        task = read(case.question, DAY)
        for name in dict.fromkeys(call.name for call in case.expected):
            own = parameters(functions[name].parameters)
            for parameter in own:
                values = _values(case, name, parameter)
                offered = candidates(task, parameter)
                right = [accepted(one.value, values) for one in offered]
                right.append("" in values or (not any(right) and not parameter.required))
                if any(right) and not all(right):
                    whole = Example(
                        fold_of(name), parameter.kind, rows(task, parameter, own, offered), np.array(right)
                    )
                    found.append(whole)
                    if not right[-1] and (poorer := _without(whole, [one.start for one in offered])):
                        found.append(poorer)
    return found


def _without(example: Example, starts: Sequence[int]) -> Example | None:
    """The same where the text does not say it: the right values, and what stands in the same place, are taken out."""
    gone = {start for start, is_right in zip(starts, example.right, strict=False) if is_right}
    kept = [at for at, start in enumerate(starts) if start not in gone]
    if not kept:
        return None
    rows_left = [example.rows[at] for at in (*kept, -1)]
    return Example(example.fold, "left out", rows_left, np.array([False] * len(kept) + [True]), LEFT_OUT)


def _values(case: Case, name: str, parameter: Parameter) -> list[Any]:
    """The accepted values in any of its calls; a part's own where it stands in an object."""
    found: list[Any] = []
    for call in case.expected:
        if call.name == name:
            values: list[Any] = call.arguments.get(parameter.path[0], [""])
            for step in parameter.path[1:]:
                values = [one for value in values if isinstance(value, dict) for one in value.get(step, [""])]
            found += values
    return found


def flat(
    used: Sequence[Example],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
    """Buckets, the candidate of each, the example of each candidate, and which candidates are right."""
    buckets: list[list[int]] = []
    of_candidate: list[NDArray[np.int64]] = []
    of_example: list[int] = []
    right: list[bool] = []
    for number, example in enumerate(used):
        for row, is_right in zip(example.rows, example.right.tolist(), strict=True):
            buckets.append(row)
            of_candidate.append(np.full(len(row), len(right)))
            of_example.append(number)
            right.append(is_right)
    return np.concatenate(buckets), np.concatenate(of_candidate), np.array(of_example), np.array(right)


def fit(used: Sequence[Example], decay: float, steps: int = 150, rate: float = 0.1) -> NDArray[np.float64]:
    """Weights, by Adam on all examples at once."""
    buckets, of_candidate, of_example, right = flat(used)
    heavy = np.array([one.weight for one in used])[of_example]
    weights, mean, square = np.zeros(BUCKETS), np.zeros(BUCKETS), np.zeros(BUCKETS)
    for step in range(1, steps + 1):
        scores = np.bincount(of_candidate, weights[buckets], len(right)).astype(np.float64)
        chances = _softmax(scores, of_example, len(used))
        goal = _softmax(np.where(right, scores, -1e9), of_example, len(used))
        slope = (
            np.bincount(buckets, (heavy * (chances - goal))[of_candidate], BUCKETS) / len(used)
            + decay * weights
        )
        mean, square = 0.9 * mean + 0.1 * slope, 0.999 * square + 0.001 * slope**2
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return weights


def _softmax(scores: NDArray[np.float64], of: NDArray[np.int64], count: int) -> NDArray[np.float64]:
    top = np.full(count, -np.inf)
    np.maximum.at(top, of, scores)
    raised = np.exp(scores - top[of])
    return np.asarray(raised / np.bincount(of, raised, count)[of])


def correct(weights: NDArray[np.float64], used: Sequence[Example]) -> list[bool]:
    """Whether the likeliest is right."""
    return [
        bool(example.right[int(np.argmax([weights[row].sum() for row in example.rows]))]) for example in used
    ]


def main() -> None:
    """Train, print what held-out folds say, write the weights and their checksum."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--decay", type=float, default=6e-4)
    asked = parser.parse_args()
    cases = [*ours(), *(case for own in load_cases(asked.data).values() for case in own)]
    sorts = acting_sorts.found(cases)
    with acting_sorts.with_sorts(sorts):
        _train(cases, sorts, asked.out, asked.decay)


def _train(cases: Sequence[Case], sorts: Sorts, out: Path, decay: float) -> None:
    from training import acting_fit  # it uses this module's folds

    made, held_out = examples(cases), []
    for fold in range(FOLDS):
        weights = fit([one for one in made if one.fold != fold], decay)
        held_out.append(weights)
        _tell(fold, weights, [one for one in made if one.fold == fold])
    found = asyncio.run(acting_fit.rows(cases, held_out))
    for fold in range(FOLDS):
        chosen = acting_fit.fit([row for row in found if row.fold != fold])
        held = [row for row in found if row.fold == fold]
        print(json.dumps({"fold": fold, "tools": len(held), **acting_fit.shares(chosen, held)}))
    spans, names = sorts.spans.astype(np.float16), sorts.names.astype(np.float16)
    weights = fit(made, decay).astype(np.float16)
    save(out, arguments=weights, fitting=acting_fit.fit(found), spans=spans, names=names)


def _tell(fold: int, weights: NDArray[np.float64], held: Sequence[Example]) -> None:
    hits = correct(weights, held)
    by_kind = {
        kind: f"{np.mean([hit for hit, one in zip(hits, held, strict=True) if one.kind == kind]):.3f}"
        for kind in sorted({one.kind for one in held})
    }
    print(json.dumps({"fold": fold, "n": len(held), "right": round(float(np.mean(hits)), 3), **by_kind}))


def save(out: Path, **parts: NDArray[Any]) -> None:
    """Write the file and its SHA-256."""
    np.savez_compressed(out, **parts)  # type: ignore[arg-type]
    out.with_suffix(".sha256").write_text(
        hashlib.sha256(out.read_bytes()).hexdigest() + "\n", encoding="ascii"
    )


if __name__ == "__main__":
    main()
