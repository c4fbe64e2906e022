"""The guard fails closed: whatever goes wrong in it is an error with a code, never a text let through."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from state.errors import KairosError

SHORT = 4_000
"""Characters that are read on the event loop: within a few milliseconds, less than a thread costs under load."""

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def closed() -> Iterator[None]:
    """Raises KairosError `guard_failed` for every failure that has no code of its own."""
    try:
        yield
    except KairosError:
        raise
    except Exception as error:
        raise KairosError("guard_failed", "The text could not be checked, so it is refused.") from error


async def off_loop(characters: int, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """The result of `work`, done in a thread unless so few characters are to be read."""
    if characters <= SHORT:
        return work(*arguments, **named)
    return await asyncio.to_thread(work, *arguments, **named)
