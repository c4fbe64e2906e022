"""Which value for which parameter: the likeliest choice in which no span is used twice."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.scoring import weighed
from tools.acting.extracting.task import Candidate, Task

BEAM = 40
TRIED = 8
"""Candidates of a parameter that are looked at."""
RELUCTANCE = 2.5
"""By how much, as a difference of logarithms, nothing must be likelier than any value before a person is asked."""
_FREE = ("flag", "option", "default option", "named option")
"""Kinds that may rest on words which say something else, too."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A parameter's candidates with the logarithms of their probabilities; `absent`: that none of them is meant."""

    parameter: Parameter
    candidates: Sequence[Candidate]
    scores: NDArray[np.float64]

    @property
    def absent(self) -> float:
        """The logarithm of the probability that it is left out."""
        return float(self.scores[-1])


def _asking(parameter: Parameter, scores: NDArray[np.float64]) -> NDArray[np.float64]:
    """A required parameter is asked for only where hardly anything fits; what is guessed is confirmed anyway."""
    scores = scores.copy()
    scores[-1] -= RELUCTANCE if parameter.required else 0.0
    return scores


Choice = tuple[int | None, ...]
"""For each parameter the place of its candidate."""


def assigned(task: Task, own: Sequence[Parameter]) -> tuple[list[Weighed], Choice, float]:
    """Each parameter's candidates, what was chosen, and the mean probability of what was."""
    weighings = []
    for one in own:
        offered, scores = weighed(task, one, own)
        weighings.append(Weighed(one, offered, _asking(one, scores)))
    chosen = choose(weighings)
    sure = [
        float(one.scores[-1] if at is None else one.scores[at])
        for one, at in zip(weighings, chosen, strict=True)
    ]
    return weighings, chosen, exp(sum(sure) / len(sure)) if sure else 1.0


def choose(weighings: Sequence[Weighed]) -> Choice:
    """By beam search, the surest parameters first."""
    order = sorted(range(len(weighings)), key=lambda at: -float(weighings[at].scores.max()))
    beam: list[tuple[float, dict[int, int | None], list[tuple[int, int]]]] = [(0.0, {}, [])]
    for at in order:
        one = weighings[at]
        best = [int(place) for place in np.argsort(one.scores[:-1])[::-1][:TRIED]]
        grown = []
        for score, made, taken in beam:
            grown.append((score + one.absent, {**made, at: None}, taken))
            for place in best:
                span = _span(one.candidates[place])
                if span is None or not any(s < span[1] and span[0] < e for s, e in taken):
                    spans = taken if span is None else [*taken, span]
                    grown.append((score + float(one.scores[place]), {**made, at: place}, spans))
        beam = sorted(grown, key=lambda state: -state[0])[:BEAM]
    made = beam[0][1]
    return tuple(made[at] for at in range(len(weighings)))


def _span(candidate: Candidate) -> tuple[int, int] | None:
    is_free = candidate.start < 0 or candidate.kind.startswith(_FREE)
    return None if is_free else (candidate.start, candidate.end)
