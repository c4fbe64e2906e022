"""The calls of one tool that a task asks for: one, or several where its values are lists or come in turns."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np

from tools.acting.extracting.assigning import Choice, Weighed, assigned, choose
from tools.acting.extracting.combining import MOST, combined
from tools.acting.extracting.explaining import unexplained
from tools.acting.extracting.linking import linked
from tools.acting.extracting.parameters import Parameter, parameters
from tools.acting.extracting.scoring import weighed
from tools.acting.extracting.task import Candidate, Task, read
from tools.acting.extracting.turns import in_turns

FURTHER = 4.0
"""By how much, as a difference of logarithms, a further value must be likelier than none."""
LISTED, CUED = 8.0, 4.0
"""By how much more, beside another value in a list, and where the text says that it asks for several things."""
_CUES = re.compile(
    r"\b(?:respectively|another|also|then|finally|lastly|both|each|same|similar|separately|second(?:ly)?|third(?:ly)?)\b|;",
    re.IGNORECASE,
)
_ALONE = (
    "flag",
    "numbers",
    "default option",
    "named option",
    "phrase list",
    "names list",
    "options",
    "object",
)
"""Kinds of which no second value makes a second call."""

Values = dict[int, list[Candidate]]


@dataclass(frozen=True, slots=True)
class Extracted:
    """arguments: of each call; missing: required parameters that the task says nothing of; sure: 0..1.

    unexplained: the share of the plain values of the task that are in no argument.
    """

    arguments: Sequence[dict[str, Any]]
    missing: Sequence[Parameter]
    sure: float
    unexplained: float


def extract(said: str, schema: Mapping[str, Any], today: date) -> Extracted:
    """What the task says of the parameters of the schema."""
    own, task = parameters(schema), read(said, today)
    if not own:
        return Extracted([{}], [], 1.0, unexplained(task, ()))
    weighings, chosen, sure = assigned(task, own)
    missing = [one for one, at in zip(own, chosen, strict=True) if one.required and at is None]
    values = _values(task, weighings, chosen)
    calls = in_turns(task, weighings, values) or combined(task, values)
    left = unexplained(task, (one for call in calls for one in call.values()))
    return Extracted([_built(own, one) for one in calls], missing, sure, left)


def _values(task: Task, weighings: Sequence[Weighed], chosen: Choice) -> Values:
    """Each parameter's values: the chosen one, and in later rounds what the rest of the text offers."""
    values: Values = {
        row: [one.candidates[at]]
        for row, (one, at) in enumerate(zip(weighings, chosen, strict=True))
        if at is not None
    }
    for _ in range(MOST - 1):
        left = {row: _left(task, weighings, row, values) for row in values}
        further = choose(list(left.values()))
        changed = [(row, at) for row, at in zip(left, further, strict=True) if at is not None]
        if not changed:
            break
        for row, at in changed:
            values[row].append(left[row].candidates[at])
    return {row: sorted(found, key=lambda one: one.start) for row, found in values.items()}


def _left(task: Task, weighings: Sequence[Weighed], row: int, values: Values) -> Weighed:
    """What a parameter could be besides, as if the text had never said what is taken."""
    own, found = [one.parameter for one in weighings], values[row]
    if found[0].start < 0 or found[0].kind.startswith(_ALONE):
        return Weighed(own[row], [], np.zeros(1))
    taken = [one for those in values.values() for one in those if not one.kind.startswith("flag")]
    offered, scores = weighed(task, own[row], own, taken)
    scores[-1] += FURTHER - (CUED if _CUES.search(task.text.text) else 0.0)
    for at, candidate in enumerate(offered):
        if not _goes_on(candidate, found):
            scores[at] = -np.inf
        elif any(_beside(task, candidate, one) for one in found):
            scores[at] += LISTED
    return Weighed(own[row], offered, scores)


def _goes_on(candidate: Candidate, found: Sequence[Candidate]) -> bool:
    """Values of one parameter are of one kind, and differ."""
    is_alike = candidate.kind == found[0].kind and candidate.start >= 0
    return is_alike and all(candidate.value != one.value for one in found)


def _beside(task: Task, candidate: Candidate, other: Candidate) -> bool:
    """Whether they are neighbours in a list."""
    first, second = sorted((candidate, other), key=lambda one: one.start)
    return linked(task.text, first.start, first.end, second.start)


def _built(own: Sequence[Parameter], chosen: Mapping[int, Candidate]) -> dict[str, Any]:
    """Arguments in the form of the schema."""
    made: dict[str, Any] = {}
    for row, candidate in sorted(chosen.items()):
        *outer, last = own[row].path
        place = made
        for step in outer:
            place = place.setdefault(step, {})
        place[last] = candidate.value
    return made
