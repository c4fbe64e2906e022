"""Strings of a format (JSON Schema validation, 7.3): days, times, moments, addresses."""

from collections.abc import Iterator

from tools.acting.extracting.marked import EMAIL, LINK
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.task import Candidate, Task

FORMS = frozenset({"date", "time", "date-time", "email", "uri"})


def formed(task: Task, parameter: Parameter) -> list[Candidate]:
    """Strings of a format (JSON Schema validation, 7.3): days, times, moments, addresses."""
    said = task.text.text
    if parameter.form in ("email", "uri"):
        pattern = EMAIL if parameter.form == "email" else LINK
        return [Candidate(*match.span(), match[0], parameter.form) for match in pattern.finditer(said)]
    if parameter.form != "date-time":
        return [
            Candidate(one.start, one.end, one.iso, one.kind)
            for one in task.moments
            if one.kind == parameter.form
        ]
    return [Candidate(start, end, value, "date-time") for start, end, value in _date_times(task)]


def _date_times(task: Task) -> Iterator[tuple[int, int, str]]:
    """Each time with the day that stands nearest to it before, or else after."""
    days = [one for one in task.moments if one.kind == "date"]
    for one in task.moments:
        if one.kind == "time" and days:
            before = [day for day in days if day.start < one.start]
            yield one.start, one.end, f"{(before or days)[-1 if before else 0].iso}T{one.iso}:00"
