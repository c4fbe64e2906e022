"""The checks that policies may name. One file a check, or a family of checks; each has a `CHECK`."""

from functools import cache

from tools.guard.check import Check


@cache
def checks() -> dict[str, Check]:
    """Every check by its name."""
    from tools.guard.checks import attack, harmful, instructions, nemo, personal_data, secrets

    found = (attack, harmful, instructions, nemo, personal_data, secrets)
    return {module.CHECK.name: module.CHECK for module in found}
