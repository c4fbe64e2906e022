"""Which values go together in a call, where a task names several of one parameter."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice, pairwise, product

from tools.acting.extracting.linking import linked
from tools.acting.extracting.task import Candidate, Task

MOST = 8
"""Values of one parameter that are looked for."""

Values = Mapping[int, Sequence[Candidate]]
Call = dict[int, Candidate]


def combined(task: Task, values: Values) -> list[Call]:
    """Values that come in turns, or "respectively", go together; lists beside each other go each with each."""
    several = {row: found for row, found in values.items() if len(found) > 1}
    shared = {row: found[0] for row, found in values.items() if len(found) == 1}
    counts = {len(found) for found in several.values()}
    lists = {row: found for row, found in several.items() if is_list(task, found)}
    if len(counts) == 1 and (len(several) == 1 or len(lists) < len(several) or _says_in_pairs(task)):
        return [
            shared | {row: found[at] for row, found in several.items()} for at in range(len(_any(several)))
        ]
    if not several or len(lists) == len(several):
        return _each_with_each(shared, several)
    return [shared | call for call in _in_turns(several)]


def _any(several: Values) -> Sequence[Candidate]:
    return next(iter(several.values()))


def is_list(task: Task, found: Sequence[Candidate]) -> bool:
    """Whether nothing but commas and "and" stands between the values."""
    return all(linked(task.text, one.start, one.end, other.start) for one, other in pairwise(found))


def _says_in_pairs(task: Task) -> bool:
    return "respect" in task.text.places


def _each_with_each(shared: Call, several: Values) -> list[Call]:
    some = islice(product(*several.values()), 2 * MOST)
    return [shared | dict(zip(several, those, strict=True)) for those in some]


def _in_turns(several: Values) -> list[Call]:
    """One call for each value of the first parameter that has the commonest number of them, with what stands near."""
    usual = Counter(len(found) for found in several.values()).most_common(1)[0][0]
    leading = min(
        (found for found in several.values() if len(found) == usual), key=lambda found: found[0].start
    )
    calls = []
    for at in range(usual):
        call = {row: _near(found, leading, at) for row, found in several.items()}
        calls.append({row: one for row, one in call.items() if one is not None})
    return calls


def _near(found: Sequence[Candidate], leading: Sequence[Candidate], at: int) -> Candidate | None:
    """The value in the stretch of the text that belongs to the leading value; none: the one said last before it."""
    if len(found) == len(leading):
        return found[at]
    follows = found[0].start >= leading[0].start
    starts = [one.start for one in leading]
    low = starts[at] if follows else (starts[at - 1] + 1 if at else 0)
    high = (starts[at + 1] if at + 1 < len(starts) else 10**9) if follows else starts[at] + 1
    inside = [one for one in found if low <= one.start < high]
    if inside:
        return min(inside, key=lambda one: abs(one.start - starts[at]))
    before = [one for one in found if one.start < low]
    return before[-1] if before else None
