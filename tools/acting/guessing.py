"""What to call for a task, without a language model: a fitting tool, what is missing, or that nothing fits."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tools.acting.choosing import Described, spaced
from tools.acting.extracting.parameters import Parameter
from tools.acting.fitting import Fit, fitting
from tools.acting.known import known_arguments, read_by_rules

NOTHING_FITS = (
    "None of my tools fits that. Without a language model I only do single steps that a tool describes."
)
NO_TOOLS = "There are no tools that I could use."


@dataclass(frozen=True, slots=True)
class Declared:
    """A tool as a model is told of it; parameters: JSON Schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]

    @classmethod
    def read(cls, declaration: Mapping[str, Any]) -> "Declared":
        """From the form of chat completions."""
        function = declaration["function"]
        return cls(function["name"], function.get("description") or "", function.get("parameters") or {})


@dataclass(frozen=True, slots=True)
class Guess:
    """calls: names and arguments; or a sentence: what is asked, or that nothing fits."""

    calls: Sequence[tuple[str, dict[str, Any]]] = field(default=())
    sentence: str = ""


async def guess(said: str, before: str, tools: Sequence[Declared], today: date) -> Guess:
    """What to do about what was said. before: the task that this completes, if its words were asked for."""
    if not tools:
        return Guess(sentence=NO_TOOLS)
    if sure := await asyncio.to_thread(_known, said, tools, today):  # it may read the names of time zones
        return Guess([sure])
    tools = [tool for tool in tools if not read_by_rules(tool.name)]
    if before and (completed := await _completed(said, before, tools, today)):
        return _as_guess(completed)
    found = await fitting(said, tools, today)
    return _as_guess(found) if found else Guess(sentence=NOTHING_FITS)


def _known(said: str, tools: Sequence[Declared], today: date) -> tuple[str, dict[str, Any]] | None:
    for tool in tools:
        if arguments := known_arguments(said, tool.name, today):
            return tool.name, arguments
    return None


async def _completed(said: str, before: str, tools: Sequence[Declared], today: date) -> Fit[Declared] | None:
    """The earlier task with what was said now; the answer to a single question is named as what it is."""
    earlier = await fitting(before, tools, today)
    if earlier is None or not earlier.extracted.missing:
        return None
    alone = await fitting(said, tools, today)
    if alone and alone.tool != earlier.tool and not alone.extracted.missing:
        return None
    missing = earlier.extracted.missing
    name = f"{spoken(missing[0])}: " if len(missing) == 1 else ""
    together = f"{before.rstrip(' .!?')}; {name}{said}"
    return await fitting(together, [earlier.tool], today) or earlier


def _as_guess(found: Fit[Declared]) -> Guess:
    if found.extracted.missing:
        return Guess(sentence=question_for(found.tool, found.extracted.missing))
    return Guess([(found.tool.name, arguments) for arguments in found.extracted.arguments])


def question_for(tool: Described, missing: Sequence[Parameter]) -> str:
    """One sentence that asks for what is missing, in plain words."""
    names = [f"the {spoken(one)}{_choices(one)}" for one in missing]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    verb = "is" if len(names) == 1 else "are"
    return f"To use {tool.name.replace('__', '.', 1)}: what {verb} {listed}?"


def spoken(parameter: Parameter) -> str:
    """The parameter's name as people say it."""
    return " of the ".join(spaced(part).lower() for part in reversed(parameter.path))


def _choices(parameter: Parameter) -> str:
    return f" ({', '.join(str(one) for one in parameter.options[:8])})" if parameter.closed else ""
