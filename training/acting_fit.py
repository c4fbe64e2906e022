"""Train the decision whether a tool fits a task (tools/acting/fitting.py), beside the weights of training.acting.

The right functions of a case against the other functions that it has, and against functions of other cases.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from evals.tool_rows import Case, Function
from evals.tools import pooled
from tools.acting.choosing import covered, likeness, ranked
from tools.acting.extracting.calls import extract
from tools.acting.fitting import signs
from training.acting_folds import fold_of, with_weights
from training.acting_sorts import DAY

OTHERS = 3
"""Functions of other cases that a case is held against, drawn from all, and as many rather like it."""
ALIKE = slice(5, 30)
"""The ranks of these: what ranks higher often fits as well."""


@dataclass
class Row:
    """A task and a function: what the decision rests on, and whether it is right."""

    fold: int
    signs: list[float]
    right: bool


async def rows(cases: Sequence[Case], weights: Sequence[NDArray[np.float64]]) -> list[Row]:
    """Arguments are looked for with the weights of the fold in which the function was held out."""
    pool = pooled(cases)
    found = []
    for case in cases:
        own = {function.name for function in case.functions}
        others = [one for one in pool if one.name not in own]
        alike = [one for one, _ in (await ranked(case.question, others))[ALIKE]]
        draw = random.Random(case.id)
        drawn = [*draw.sample(others, OTHERS), *draw.sample(alike, OTHERS)]
        names = {call.name for call in case.expected}
        found += [await _row(case, one, one.name in names, weights) for one in (*case.functions, *drawn)]
    return found


async def _row(case: Case, function: Function, right: bool, weights: Sequence[NDArray[np.float64]]) -> Row:
    fold = fold_of(function.name)
    with with_weights(weights[fold]):
        extracted = extract(case.question, function.parameters, DAY)
    values = signs(await likeness(case.question, function), covered(case.question, function), extracted)
    return Row(fold, values, right)


def fit(used: Sequence[Row], steps: int = 50, decay: float = 1e-3) -> NDArray[np.float64]:
    """Logistic regression by Newton's method; both outcomes count the same."""
    given, right = np.array([row.signs for row in used]), np.array([row.right for row in used], np.float64)
    heavy = np.where(right == 1, 0.5 / right.mean(), 0.5 / (1 - right.mean()))
    weights = np.zeros(given.shape[1])
    for _ in range(steps):
        chances = 1 / (1 + np.exp(-given @ weights))
        slope = given.T @ (heavy * (chances - right)) / len(used) + decay * weights
        curve = (given * (heavy * chances * (1 - chances))[:, None]).T @ given / len(used)
        weights -= np.linalg.solve(curve + decay * np.eye(len(weights)), slope)
    return weights


def shares(weights: NDArray[np.float64], held: Sequence[Row]) -> dict[str, float]:
    """Of right and of wrong functions, how many are told as what they are."""
    said = np.array([np.array(row.signs) @ weights >= 0 for row in held])
    right = np.array([row.right for row in held])
    return {"right": round(float(said[right].mean()), 3), "wrong": round(float((~said[~right]).mean()), 3)}
