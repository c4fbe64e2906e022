"""Personal data, by type."""

import asyncio

from pydantic import BaseModel, ConfigDict

from tools.guard.check import About, Check, Hit
from tools.guard.pii.found import TYPES, Type

LONG = 10_000
"""Characters from which a text is read in a thread."""


class Options(BaseModel):
    """types: those that count. unless_given: not where the same words stand in what the model was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[Type, ...] = TYPES
    unless_given: bool = False


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Every piece of personal data of the types that count."""
    from tools.guard.pii.detect import detector

    reader = detector()
    found = reader.find(text) if len(text) < LONG else await asyncio.to_thread(reader.find, text)
    hits = [Hit(one.type, one.start, one.end, one.score) for one in found if one.type in options.types]
    if options.unless_given:
        hits = [hit for hit in hits if not any(text[hit.start : hit.end] in given for given in about.given)]
    return hits


CHECK = Check(
    "personal_data",
    frozenset({"input", "passage", "tool", "output"}),
    find,
    "personal_data",
    "This text holds personal data that may not be passed on.",
    Options,
)
