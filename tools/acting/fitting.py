"""Whether a tool fits a task at all: a calibrated decision, so that nothing is called where nothing fits."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import exp
from typing import Generic

from tools.acting.choosing import ToolT, covered, likeness, ranked
from tools.acting.extracting.calls import Extracted, extract

BAR = 0.5
"""The probability from which on a tool is taken to fit."""
LOOKED_AT = 3
"""Tools, the best ranked ones, whose arguments are looked for."""


@dataclass(frozen=True, slots=True)
class Fit(Generic[ToolT]):
    """A tool, what the task says of its parameters, and how likely it is the right one (0..1)."""

    tool: ToolT
    extracted: Extracted
    probability: float


async def fitting(task: str, tools: Sequence[ToolT], today: date) -> Fit[ToolT] | None:
    """The tool that fits best; None where none does. One that only lacks arguments may fit all the same."""
    found = [await weigh(task, tool, today) for tool, _ in (await ranked(task, tools))[:LOOKED_AT]]
    best = max(found, key=lambda fit: fit.probability, default=None)
    return best if best is not None and best.probability >= BAR else None


async def weigh(task: str, tool: ToolT, today: date) -> Fit[ToolT]:
    """How well the tool fits."""
    extracted = await asyncio.to_thread(extract, task, tool.parameters, today)
    values = signs(await likeness(task, tool), covered(task, tool), extracted)
    total = sum(
        weight * value for weight, value in zip(await asyncio.to_thread(weights), values, strict=True)
    )
    return Fit(tool, extracted, 1 / (1 + exp(-total)))


def signs(cosine: float, covering: tuple[float, float], extracted: Extracted) -> list[float]:
    """What the decision rests on; the first is 1."""
    is_missing = len(extracted.missing) > 0
    left = extracted.unexplained
    return [1.0, cosine, cosine**2, *covering, cosine * covering[0], extracted.sure, float(is_missing), left]


@lru_cache(maxsize=1)
def weights() -> tuple[float, ...]:
    """Of the signs, in their order. Raises KairosError `weights_damaged`."""
    import numpy as np

    from tools.weights import verified

    with np.load(verified("acting.npz"), allow_pickle=False) as parts:
        return tuple(float(weight) for weight in parts["fitting"])
