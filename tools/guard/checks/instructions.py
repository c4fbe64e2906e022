"""Instructions to the assistant in a document or a tool's result, where only data should stand."""

from tools.guard.check import About, Check, Hit, NoOptions
from tools.guard.checks.attack import hits
from tools.guard.injection.context import check_context


async def find(text: str, options: NoOptions, about: About) -> list[Hit]:
    """The worst sentence, if it reaches the classifier's threshold."""
    return hits(about.finding or await check_context(text, about.question))


CHECK = Check(
    "instructions",
    frozenset({"passage", "tool"}),
    find,
    "instructions_in_data",
    "This text holds instructions to the assistant, so it was left out.",
)
