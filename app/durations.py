"""Stretches of time as people write them: 90s, 30m, 24h, 7d."""

import re
from datetime import UTC, datetime, timedelta

import typer

UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def duration(value: str) -> timedelta:
    """A number with s, m, h or d, or 0. Raises typer.BadParameter."""
    found = re.fullmatch(r"([0-9]{1,5})([smhd])", value.strip())
    if value.strip() == "0":
        return timedelta()
    if found is None:
        raise typer.BadParameter(f"{value!r} is no stretch of time, such as 90s, 30m, 24h or 7d")
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def since(value: str, now: datetime | None = None) -> datetime:
    """A date or time (UTC where it says nothing), or a stretch of time before now. Raises typer.BadParameter."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError:
        return (now or datetime.now(UTC)) - duration(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
