"""The acting without a language model, measured: the right tool, the exact call, and no call where none fits.

A set without cases for which no call is right asks each case once more, of functions of other cases alone.
"""

import random
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage

from evals.bootstrap import Interval, interval
from evals.report import Report, Slice, config_hash
from evals.tool_rows import Case, Function, load_cases
from evals.tool_scores import same_calls
from tools.acting.choosing import ranked
from tools.acting.fitting import BAR, LOOKED_AT

Progress = Callable[[str, int, int], None]
AT = 5
OTHERS = 4
"""Functions of other cases that a case is offered to see whether all are declined."""
DRAWN = "declined_right on drawn functions"


@dataclass(frozen=True, slots=True)
class Measured:
    """One case: whether the right tools were among the first, the calls right, the decline right; None: unasked."""

    set: str
    found: bool | None
    exact: bool | None
    declined: bool | None
    drawn: bool


async def run(folder: Path, limit: int | None, progress: Progress) -> Report:
    """Ask for a call in every case, of the model that answers when none is configured."""
    started = time.perf_counter()
    sets = load_cases(folder, limit)
    pool = pooled(case for own in sets.values() for case in own)
    total, measured = sum(map(len, sets.values())), list[Measured]()
    for name, own in sets.items():
        draws = all(case.expected for case in own)
        for case in own:
            measured.append(await _measure(name, case, pool, draws))
            progress("Asking for calls", len(measured), total)
    return Report(
        kind="tools",
        data=folder.name,
        n=len(measured),
        seconds=round(time.perf_counter() - started, 3),
        config=config_hash({"bar": BAR, "looked_at": LOOKED_AT, "others": OTHERS}),
        metrics=measures(measured),
        slices=slices(measured),
    )


def pooled(cases: Iterable[Case]) -> list[Function]:
    """All functions, each once."""
    found: dict[str, Function] = {}
    for case in cases:
        for function in case.functions:
            found.setdefault(repr(function), function)
    return list(found.values())


def drawn(case: Case, pool: Sequence[Function]) -> Case:
    """The case with functions of others alone; the same ones each time."""
    own = {function.name for function in case.functions}
    others = [function for function in pool if function.name not in own]
    picked = random.Random(case.id).sample(others, min(OTHERS, len(others)))  # noqa: S311 - no secret
    return replace(case, functions=picked, expected=[])


async def _measure(name: str, case: Case, pool: Sequence[Function], draws: bool) -> Measured:
    if not case.expected:
        return Measured(name, None, None, not await calls_of(case), False)
    found = await among_first(case, pool)
    made = await calls_of(case)
    exact = same_calls(made, [{"name": one.name, "arguments": one.arguments} for one in case.expected])
    other = drawn(case, pool)
    declined = not await calls_of(other) if draws and other.functions else None
    return Measured(name, found, exact, declined, declined is not None)


async def among_first(case: Case, pool: Sequence[Function]) -> bool:
    """Whether all right tools are among the first of all."""
    first = {function.name for function, _ in (await ranked(case.question, pool))[:AT]}
    return all(call.name in first for call in case.expected)


async def calls_of(case: Case) -> list[tuple[str, dict[str, Any]]]:
    """The calls that the model asks for, with the functions of the case."""
    from tools.models.extractive import ExtractiveChatModel

    functions = [
        {
            "type": "function",
            "function": {"name": one.name, "description": one.description, "parameters": one.parameters},
        }
        for one in case.functions
    ]
    message = await ExtractiveChatModel().bind_tools(functions).ainvoke([HumanMessage(case.question)])
    assert isinstance(message, AIMessage)  # noqa: S101 - chat models answer with one
    return [(call["name"], call["args"]) for call in message.tool_calls]


def measures(measured: Sequence[Measured]) -> dict[str, Interval]:
    """The metrics of `eval tools`; null where no case asks for it."""
    return {
        "recall@5": _share(one.found for one in measured),
        "exact_call": _share(one.exact for one in measured),
        "declined_right": _share(one.declined for one in measured),
    }


def slices(measured: Sequence[Measured]) -> dict[str, Slice]:
    """By set; the declines of drawn functions apart."""
    by_set: dict[str, list[Measured]] = defaultdict(list)
    for one in measured:
        by_set[one.set].append(one)
    found = {name: Slice(len(own), measures(own)) for name, own in sorted(by_set.items())}
    if asked := [one for one in measured if one.drawn]:
        found[DRAWN] = Slice(len(asked), {"declined_right": _share(one.declined for one in asked)})
    return found


def _share(values: Iterable[bool | None]) -> Interval:
    return interval([None if value is None else float(value) for value in values])
