"""The system prompt in an answer: the canary that was set into it, or a long piece of it, in plain or in disguise."""

import base64
import codecs
import re
import string
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.check import About, Check, Hit
from tools.guard.injection.closed import off_loop
from tools.guard.overlap import shared_runs
from tools.guard.readings import placed, readings, without_doubles
from tools.guard.view import View

SHORTEST = 6
"""Letters and digits of a canary; a shorter one would be met by chance."""

_MARKS, _KEPT = re.compile(r"[\W_]++"), re.compile(r"[^\W_]++")
_LOWER = str.maketrans(string.ascii_uppercase, string.ascii_lowercase)


class Options(BaseModel):
    """words: so many words in a row that stand in the system prompt too are a piece of it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    words: int = Field(12, ge=4, le=100)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Every place of the canary, and every piece of the system prompt. Raises ValueError for a canary that is short."""
    if not about.canary and not about.system:
        return []
    found = await readings(text, about)
    return await off_loop(len(text), _find, text, found, options.words, about)


def _find(text: str, found: Sequence[View], words: int, about: About) -> list[Hit]:
    hits = list(_encoded(text, about.canary)) if about.canary else []
    for view in found:
        hits += placed(view, _read(view.text, words, about))
    return without_doubles(hits)


def _read(text: str, words: int, about: About) -> Iterator[Hit]:
    if about.canary:
        yield from _spelled(text, about.canary)
    system = (about.system, about.system[::-1])
    yield from (Hit("system_prompt", *span) for span in shared_runs(text, system, words))


def _spelled(text: str, canary: str) -> Iterator[Hit]:
    """The canary's letters and digits in a row, whatever case and marks between; rot13 and backwards too."""
    wanted, squeezed = _squeezed(canary), _squeezed(text)
    if len(wanted) < SHORTEST:
        raise ValueError("the canary is too short")
    for form in {wanted, wanted[::-1], codecs.encode(wanted, "rot13")}:
        if form in squeezed:
            places = [at for run in _KEPT.finditer(text) for at in range(*run.span())]
            for at in _places(squeezed, form):
                yield Hit("canary", places[at], places[at + len(form) - 1] + 1)


def _squeezed(text: str) -> str:
    """The letters and digits, ASCII ones in lower case."""
    return _MARKS.sub("", text).translate(_LOWER)


def _places(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + len(part))


def _encoded(text: str, canary: str) -> Iterator[Hit]:
    """The canary within base64 or hexadecimal digits, even where nothing around it can be read."""
    for form in _forms(canary.encode()):
        yield from (Hit("canary", at, at + len(form)) for at in _places(text, form))


def _forms(canary: bytes) -> set[str]:
    """Base64 of the canary at each of the three places that it may begin at within a group, and hex of both cases."""
    forms = {canary.hex(), canary.hex().upper(), canary.hex(" "), canary.hex(" ").upper()}
    for offset in range(3):
        signs = base64.b64encode(b"\0" * offset + canary)
        # The first and last signs hold bits of what stands around.
        first, last = -(-offset * 8 // 6), (offset + len(canary)) * 8 // 6
        forms.add(signs[first:last].decode())
    return forms


CHECK = Check(
    "canary",
    frozenset({"output"}),
    find,
    "system_prompt_leaked",
    "The answer held the assistant's own instructions, so it was withheld.",
    Options,
    reach=160,
)
