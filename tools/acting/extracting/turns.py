"""Several calls that a task asks for one after the other: each has a stretch of the text with values of its own."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise

from tools.acting.extracting.assigning import Weighed, choose
from tools.acting.extracting.combining import Call, Values, is_list
from tools.acting.extracting.scoring import weighed
from tools.acting.extracting.task import Candidate, Task

CORE = 2
"""Parameters that are said again before a text is taken to ask for several things."""
LOOKED_AT = 24
"""Stretches; a text of more is no request."""
_SHARP = re.compile(r"[.?!;]\s+|\b(?:then|also|finally|lastly|another)\b", re.IGNORECASE)
_SOFT = re.compile(r"\band\b|,", re.IGNORECASE)


def in_turns(task: Task, weighings: Sequence[Weighed], values: Values) -> list[Call]:
    """The calls; none where the text does not go through the parameters more than once."""
    if "respect" in task.text.places:
        return []
    calls = _repeated([_within(task, weighings, stretch) for stretch in _sharply(task.text.text)])
    if not calls and (leading := _leading(task, values)):
        calls = _repeated(
            [_within(task, weighings, stretch) for stretch in _stretches(task.text.text, leading)]
        )
    return _completed(calls, values)


def _leading(task: Task, values: Values) -> Sequence[Candidate]:
    """The values of the first parameter that has several which are no list, and as many as most have."""
    scattered = [found for found in values.values() if len(found) > 1 and not is_list(task, found)]
    if not scattered:
        return ()
    usual = Counter(map(len, scattered)).most_common(1)[0][0]
    return min((found for found in scattered if len(found) == usual), key=lambda found: found[0].start)


def _sharply(text: str) -> list[tuple[int, int]]:
    """The text cut at every sharp mark; none where there is none, or far too many."""
    cuts = [0, *(match.start() for match in _SHARP.finditer(text.rstrip(" .?!\"'")))]
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True)) if 1 < len(cuts) <= LOOKED_AT else []


def _stretches(text: str, leading: Sequence[Candidate]) -> list[tuple[int, int]]:
    """The text, cut once between two leading values: at the last sharp mark between them, or else the last soft one."""
    cuts = [0]
    for one, other in pairwise(leading):
        between = text[one.end : other.start]
        found = [*_SHARP.finditer(between)] or [*_SOFT.finditer(between)]
        cuts.append(one.end + found[-1].start() if found else other.start)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


def _within(task: Task, weighings: Sequence[Weighed], stretch: tuple[int, int]) -> Call:
    """What the stretch alone says, by the places of the parameters."""
    own = [one.parameter for one in weighings]
    found = [Weighed(one, *weighed(task, one, own, within=stretch)) for one in own]
    chosen = choose(found)
    return {
        row: one.candidates[at]
        for row, (one, at) in enumerate(zip(found, chosen, strict=True))
        if at is not None and one.candidates[at].start >= 0
    }


def _repeated(calls: Sequence[Call]) -> list[Call]:
    """Those that say the same parameters with other values; the rest of the text completes the one before."""
    rows = Counter(row for call in calls for row in call)
    often = {row for row, count in rows.items() if count > 1 and _differ(calls, row)}
    made: list[Call] = []
    for call in calls:
        if len(often & call.keys()) >= CORE:
            made.append(dict(call))
        elif made:
            made[-1] = {**call, **made[-1]}
    return made if len(made) > 1 else []


def _differ(calls: Sequence[Call], row: int) -> bool:
    return len({repr(call[row].value) for call in calls if row in call}) > 1


def _completed(calls: Sequence[Call], values: Values) -> list[Call]:
    """What a stretch leaves out was said before, or for all of them."""
    made: list[Call] = []
    for call in calls:
        before: Mapping[int, Candidate] = made[-1] if made else {}
        made.append({**before, **call})
    for call in made:
        for row, found in values.items():
            call.setdefault(row, found[0])
    return made
