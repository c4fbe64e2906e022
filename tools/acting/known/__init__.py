"""Requests that the built-in tools answer, read by rules: sums, and questions about dates and times."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tools.acting.known.days import date_request
from tools.acting.known.sums import sum_of

LONGEST = 500
"""Characters: a longer text is no such request."""
_READERS: Mapping[str, Callable[[str, date], dict[str, Any] | None]] = {
    "builtin.calculator": lambda said, _: {"expression": found} if (found := sum_of(said)) else None,
    "builtin.date_time": date_request,
}


def known_arguments(said: str, tool: str, today: date) -> dict[str, Any] | None:
    """The arguments that a task surely means for a built-in tool, by its full name; None: nothing is sure."""
    reader = _READERS.get(_full(tool))
    return reader(said, today) if reader and len(said) <= LONGEST else None


def read_by_rules(tool: str) -> bool:
    """Whether a tool's requests are read here, and nowhere else: their arguments are no words of the text."""
    return _full(tool) in _READERS


def _full(name: str) -> str:
    return name.replace("__", ".", 1)


def is_known(said: str, today: date) -> bool:
    """Whether a text is such a request, for any of them."""
    return any(known_arguments(said, tool, today) for tool in _READERS)
