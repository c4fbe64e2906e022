"""The guard fails closed: whatever goes wrong in it is an error with a code, never a text let through."""

from collections.abc import Iterator
from contextlib import contextmanager

from state.errors import KairosError


@contextmanager
def closed() -> Iterator[None]:
    """Raises KairosError `guard_failed` for every failure that has no code of its own."""
    try:
        yield
    except KairosError:
        raise
    except Exception as error:
        raise KairosError("guard_failed", "The text could not be checked, so it is refused.") from error
