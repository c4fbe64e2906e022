"""Opaque cursors: where the next page of a list begins."""

from base64 import urlsafe_b64decode, urlsafe_b64encode

from state.errors import KairosError


def cursor(last: int) -> str:
    """The cursor of the page after the entry with this number."""
    return urlsafe_b64encode(f"after:{last}".encode()).decode().rstrip("=")


def after(given: str | None) -> int:
    """The number after which the page begins; 0: the first page. Raises KairosError cursor_invalid."""
    if not given:
        return 0
    try:
        kind, _, number = urlsafe_b64decode(given + "=" * (-len(given) % 4)).decode().partition(":")
        last = int(number)
    except ValueError:
        kind, last = "", -1
    if kind != "after" or not 0 <= last < 2**63:
        raise KairosError("cursor_invalid", "This cursor is none of ours: leave it out to begin anew.")
    return last
