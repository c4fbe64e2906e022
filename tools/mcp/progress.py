"""Where the progress of the calls of a task is told; a server may say more than anybody wants to hear."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

LEAST_S = 0.1
"""Between two that are passed on."""
Tell = Callable[[Mapping[str, float]], None]

_telling: ContextVar[Tell | None] = ContextVar("telling", default=None)


@contextmanager
def told_to(tell: Tell) -> Iterator[None]:
    """Within, `tell` gets {"progress", "total"?} of calls, numbers only: words of a server go through the guard."""
    token = _telling.set(tell)
    try:
        yield
    finally:
        _telling.reset(token)


def listener() -> Callable[[float, float | None], None] | None:
    """What passes on the progress of one call made here; None if nobody listens."""
    tell = _telling.get()
    if tell is None:
        return None
    last = -LEAST_S

    def pass_on(progress: float, total: float | None) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= LEAST_S:
            last = now
            tell({"progress": progress} if total is None else {"progress": progress, "total": total})

    return pass_on
