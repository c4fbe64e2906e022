"""API keys, tokens, passwords, private keys."""

import asyncio

from tools.guard.check import About, Check, Hit, NoOptions
from tools.guard.secrets import find_secrets

LONG = 10_000
"""Characters from which a text is read in a thread."""


async def find(text: str, options: NoOptions, about: About) -> list[Hit]:
    """Every secret in the text."""
    found = find_secrets(text) if len(text) < LONG else await asyncio.to_thread(find_secrets, text)
    return [Hit(one.rule, one.start, one.end, one.score) for one in found]


CHECK = Check(
    "secrets",
    frozenset({"input", "passage", "tool", "output"}),
    find,
    "secret",
    "This text holds a key, a token or a password that may not be passed on.",
)
