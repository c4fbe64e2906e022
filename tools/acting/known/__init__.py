"""Requests that the built-in tools answer, read by rules: sums, and questions about dates and times."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from tools.acting.known.days import date_request
from tools.acting.known.sums import sum_of

_READERS: Mapping[str, Callable[[str, date], dict[str, Any] | None]] = {
    "builtin.calculator": lambda said, _: {"expression": found} if (found := sum_of(said)) else None,
    "builtin.date_time": date_request,
}


def known_arguments(said: str, tool: str, today: date) -> dict[str, Any] | None:
    """The arguments that a task surely means for a built-in tool, by its full name; None: nothing is sure."""
    reader = _READERS.get(tool.replace("__", ".", 1))
    return reader(said, today) if reader else None
