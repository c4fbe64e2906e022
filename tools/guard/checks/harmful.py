"""Requests for something harmful."""

from tools.guard.check import About, Check, Hit, NoOptions
from tools.guard.checks.attack import hits, judged


async def find(text: str, options: NoOptions, about: About) -> list[Hit]:
    """The worst place, if it reaches the classifier's threshold."""
    _, harmful = await judged(text, about)
    return hits(harmful)


CHECK = Check(
    "harmful", frozenset({"input"}), find, "harmful", "The assistant does not help with what could do harm."
)
