"""API keys, tokens, passwords, private keys; in disguise too."""

from collections.abc import Iterator, Sequence

from tools.guard.check import About, Check, Hit, NoOptions
from tools.guard.injection.closed import off_loop
from tools.guard.readings import hidden, readings, without_doubles
from tools.guard.secrets import find_secrets
from tools.guard.view import View


async def find(text: str, options: NoOptions, about: About) -> list[Hit]:
    """Every secret in the text."""
    found = await readings(text, about)
    return await off_loop(len(text), _find, text, found)


def _find(text: str, found: Sequence[View]) -> list[Hit]:
    return without_doubles([*_read(text), *hidden(text, found, _read)])


def _read(text: str) -> Iterator[Hit]:
    return (Hit(one.rule, one.start, one.end, one.score) for one in find_secrets(text))


CHECK = Check(
    "secrets",
    frozenset({"input", "passage", "tool", "output"}),
    find,
    "secret",
    "This text holds a key, a token or a password that may not be passed on.",
)
