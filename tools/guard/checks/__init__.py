"""The checks that policies may name. One file a check, or a family of checks; each has a `CHECK`."""

from functools import cache
from importlib import import_module

from tools.guard.check import Check

_NAMES = (
    "attack",
    "canary",
    "code_injection",
    "disguise",
    "forbidden_claims",
    "format",
    "harmful",
    "instructions",
    "language",
    "length",
    "links",
    "nemo",
    "personal_data",
    "repeated_abuse",
    "secrets",
    "topics",
)


@cache
def checks() -> dict[str, Check]:
    """Every check by its name."""
    found: dict[str, Check] = {name: import_module(f"tools.guard.checks.{name}").CHECK for name in _NAMES}
    return found
