"""A task as it was read, once for all parameters, and what a candidate is."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from tools.acting.extracting.clock import Moment
from tools.acting.extracting.dates import moments
from tools.acting.extracting.numbers import Number, numbers
from tools.acting.extracting.phrases import phrases
from tools.acting.extracting.spans import Phrase
from tools.acting.extracting.text import Text

LONGEST = 4000
"""Characters of a task that are read for arguments."""
_BRACKETS = re.compile(
    r"\[[^\[\]]*(?:\[[^\[\]]*\][^\[\]]*)*\]|\((?:\s*-?[\d.]+\s*,)+\s*-?[\d.]+\s*\)|\{[^{}]*\}"
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """start, end: the span it rests on, -1 where it rests on none. notes: what a scorer may be told of it."""

    start: int
    end: int
    value: Any
    kind: str
    unit: str = ""
    notes: tuple[str, ...] = ()

    def overlaps(self, other: "Candidate") -> bool:
        """Whether both rest on some character."""
        return 0 <= self.start < other.end and 0 <= other.start < self.end


@dataclass(slots=True)
class Task:
    """What was read of a task, once for all parameters."""

    text: Text
    today: date
    numbers: list[Number] = field(init=False)
    moments: list[Moment] = field(init=False)
    phrases: list[Phrase] = field(init=False)
    brackets: list[tuple[int, int, Any]] = field(init=False)

    def __post_init__(self) -> None:
        said = self.text.text
        self.numbers, self.moments = numbers(said), moments(said, self.today)
        self.phrases, self.brackets = phrases(self.text), list(_bracketed(said))


@lru_cache(maxsize=8)
def read(said: str, today: date) -> Task:
    """The task, read as far as it counts."""
    return Task(Text(said[:LONGEST]), today)


def _bracketed(text: str) -> Iterator[tuple[int, int, Any]]:
    for match in _BRACKETS.finditer(text):
        try:
            value = ast.literal_eval(match[0])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            inner = [one.strip(" '\"") for one in match[0][1:-1].split(",")]
            if match[0][0] != "[" or not all(inner):
                continue
            value = inner
        yield *match.span(), list(value) if isinstance(value, tuple) else value
