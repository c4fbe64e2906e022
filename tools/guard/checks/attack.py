"""Attacks on the assistant in what a user wrote: jailbreaks, overridden instructions, stolen prompts."""

from tools.guard.check import About, Check, Hit, NoOptions
from tools.guard.injection.finding import Finding
from tools.guard.injection.user import check_user

SURE = 0.9
"""From where it counts in a task for tools: commands to the assistant are what a task is made of, and what it may do
is held elsewhere (provenance, approvals)."""


async def find(text: str, options: NoOptions, about: About) -> list[Hit]:
    """The worst place, if it reaches the classifier's threshold."""
    attack, _ = await judged(text, about)
    return hits(attack) if not about.acts or attack.score >= SURE else []


async def judged(text: str, about: About) -> tuple[Finding, Finding]:
    """`check_user`, once for a request's `attack` and `harmful`."""
    return await about.memo.get("user", text, lambda: check_user(text, about.vector))


def hits(finding: Finding) -> list[Hit]:
    """A finding of the classifier's, if it counts."""
    return [Hit(finding.rule, finding.start, finding.end, finding.score)] if finding.refused else []


CHECK = Check(
    "attack",
    frozenset({"input"}),
    find,
    "attack",
    "This reads like an attempt to change how the assistant works, so it was not taken.",
)
