"""Languages that are not spoken here."""

import asyncio
from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.check import About, Check, Hit
from tools.guard.readings import placed, readings

WINDOW = 1_000
"""Characters that are looked at as one."""


class Options(BaseModel):
    """allowed: ISO 639-1 codes. sure: the probability from which a language is known (0.6: most questions of
    five words and more). allow_undecided: short texts, names and code go through.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    allowed: tuple[Annotated[str, Field(pattern=r"^[a-z]{2}$")], ...] = Field(min_length=1)
    sure: float = Field(0.6, gt=0, le=1)
    allow_undecided: bool = True


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Each stretch in another language; the rule is its code, or `undecided`."""
    view = (await readings(text, about))[0]
    # In a thread always: the model takes half a second to read.
    return placed(view, await asyncio.to_thread(lambda: list(_find(view.text, options))))


def _find(text: str, options: Options) -> Iterator[Hit]:
    from tools.cleaning.language import language_of_text

    for start in range(0, len(text), WINDOW):
        piece = text[start : start + WINDOW]
        code = language_of_text(piece, options.sure)
        if code not in options.allowed and piece.strip() and (code or not options.allow_undecided):
            yield Hit(code or "undecided", start, start + len(piece))


CHECK = Check(
    "language",
    frozenset({"input", "passage", "output"}),
    find,
    "language",
    "The assistant does not speak this language; please use another one.",
    Options,
)
