"""Candidates of parameters with several values: brackets, ranges, and values that commas and "and" hold together."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from tools.acting.extracting.linking import linked
from tools.acting.extracting.numbers import Number
from tools.acting.extracting.parameters import Parameter
from tools.acting.extracting.single import options
from tools.acting.extracting.spans import Phrase
from tools.acting.extracting.task import Candidate, Task


def lists(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    written = [one for one in task.brackets if isinstance(one[2], list) and _is_of(one[2], parameter)]
    for start, end, value in written:
        yield Candidate(start, end, _as_items(value, parameter), "brackets")
    if written:
        return
    if parameter.items in ("integer", "number"):
        yield from _number_lists(task, parameter)
    elif parameter.items in ("string", ""):
        if parameter.closed:
            yield from _options(task, parameter)
            return
        named = [one for one in options(task, parameter) if one.start >= 0 and "part of it" not in one.notes]
        for group in _groups(task, sorted(named, key=lambda one: one.start)):
            values = [one.value for one in group]
            yield Candidate(
                group[0].start, group[-1].end, values, "named options", notes=(str(min(3, len(group))),)
            )
        yield from _phrase_lists(task)


def _options(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    """All that are named, and those that are named in one list."""
    found = [one for one in options(task, parameter) if one.start >= 0]
    named = sorted(
        [one for one in found if "part of it" not in one.notes] or found, key=lambda one: one.start
    )
    groups = list(_groups(task, named))
    if named:
        yield Candidate(named[0].start, named[-1].end, [one.value for one in named], "options")
    for group in groups if len(groups) > 1 else ():
        notes = ("several" if len(group) > 1 else "single",)
        yield Candidate(group[0].start, group[-1].end, [one.value for one in group], "options", notes=notes)


def _is_of(value: list[Any], parameter: Parameter) -> bool:
    """Whether the items in brackets may be the parameter's."""
    wanted: dict[str, type | tuple[type, ...]] = {"string": str, "integer": int, "number": (int, float)}
    return all(isinstance(one, wanted.get(parameter.items, object)) for one in value)


def _as_items(value: list[Any], parameter: Parameter) -> list[Any]:
    if parameter.items == "integer":
        return [int(one) if isinstance(one, float) and one == int(one) else one for one in value]
    return [str(one) for one in value] if parameter.items == "string" else value


def _number_lists(task: Task, parameter: Parameter) -> Iterator[Candidate]:
    whole = parameter.items == "integer"
    usable = [one for one in task.numbers if not whole or one.value == int(one.value)]
    for group in [*_groups(task, usable), *_ranges(task, usable)]:
        values = [int(one.value) if whole else one.value for one in group]
        span, notes = (group[0].start, group[-1].end), ("several" if len(group) > 1 else "single",)
        yield Candidate(*span, values, "numbers", group[-1].unit, notes)
        if not whole and any(one.kind == "percent" for one in group):
            shares = [round(one.value / 100, 12) if one.kind == "percent" else one.value for one in group]
            yield Candidate(*span, shares, "numbers", group[-1].unit, (*notes, "share"))


def _ranges(task: Task, found: Sequence[Number]) -> Iterator[list[Number]]:
    """The two ends of "from 3 to 5", "x=1 to x=3"."""
    for low, high in pairwise(found):
        between = task.text.text[low.end : high.start]
        if re.fullmatch(r"\s*\w{0,10}\s*(?:to|until|-|–)\s*(?:\w\s?=\s?)?", between):
            yield [low, high]


def _phrase_lists(task: Task) -> Iterator[Candidate]:
    marked = [
        one
        for one in task.phrases
        if one.kind in ("quoted", "names", "code", "address", "link", "path", "grouped")
    ]
    plain = [one for one in task.phrases if one.kind == "phrase" and one.part == "whole"]
    tails = [one for one in task.phrases if one.kind == "phrase" and one.part == "end"]
    heads = [one for one in task.phrases if one.kind == "phrase" and one.part == "start"]
    seen = set()
    for pool in (marked, plain):
        for group in _groups(task, _outermost(pool)):
            key = (group[0].start, group[-1].end)
            if key not in seen:
                seen.add(key)
                notes = ("several" if len(group) > 1 else "single", group[0].part)
                yield Candidate(*key, [one.value for one in group], f"{group[0].kind} list", notes=notes)
                if len(group) > 1:
                    yield from _trimmed(group, tails, heads)
    for one in (*tails, *heads):
        yield Candidate(one.start, one.end, [one.value], "phrase list", notes=("single", one.part))


def _trimmed(
    group: Sequence[Phrase], tails: Sequence[Phrase], heads: Sequence[Phrase]
) -> Iterator[Candidate]:
    """The same list, its first phrase begun later or its last ended sooner."""
    inner = [one.value for one in group[1:]]
    for one in tails:
        if one.end == group[0].end and one.start > group[0].start:
            yield Candidate(
                one.start, group[-1].end, [one.value, *inner], "phrase list", notes=("several", "end")
            )
    for one in heads:
        if one.start == group[-1].start and one.end < group[-1].end:
            values = [*(each.value for each in group[:-1]), one.value]
            yield Candidate(group[0].start, one.end, values, "phrase list", notes=("several", "start"))


def _outermost(found: Sequence[Phrase]) -> list[Phrase]:
    """Without those that lie within another."""
    kept: list[Phrase] = []
    for one in sorted(found, key=lambda phrase: (phrase.start, -phrase.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def _groups(task: Task, found: Sequence[Any]) -> Iterator[list[Any]]:
    """Neighbours with nothing but commas and "and" between them."""
    group: list[Any] = []
    for one in found:
        if group and not linked(task.text, group[-1].start, group[-1].end, one.start):
            yield group
            group = []
        group.append(one)
    if group:
        yield group
