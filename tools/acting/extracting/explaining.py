"""What a tool's arguments leave unsaid of a text that plainly gives values."""

from collections.abc import Iterable

from tools.acting.extracting.task import Candidate, Task

_NUMBERS = frozenset({"number", "money", "percent"})
_PHRASES = frozenset({"quoted", "address", "link", "path", "grouped", "code"})


def unexplained(task: Task, values: Iterable[Candidate]) -> float:
    """The share of numbers, days, times, quotes and codes that no value stands on: what takes none hardly fits."""
    said = task.text.text
    plain = [(one.start, one.end) for one in task.numbers if one.kind in _NUMBERS]
    plain += [
        (one.start, one.end) for one in task.moments if any(map(str.isdigit, said[one.start : one.end]))
    ]
    plain += [(one.start, one.end) for one in task.phrases if one.kind in _PHRASES]
    outermost: list[tuple[int, int]] = []
    for start, end in sorted(plain, key=lambda span: (span[0], -span[1])):
        if not outermost or start >= outermost[-1][1]:
            outermost.append((start, end))
    spans = [(one.start, one.end) for one in values if one.start >= 0]
    left = [span for span in outermost if not any(start < span[1] and span[0] < end for start, end in spans)]
    return len(left) / len(outermost) if outermost else 0.0
