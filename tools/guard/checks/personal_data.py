"""Personal data, by type; in disguise too."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from tools.guard.check import About, Check, Hit
from tools.guard.given import given
from tools.guard.injection.closed import off_loop
from tools.guard.pii.found import TYPES, Type
from tools.guard.readings import hidden, readings, without_doubles
from tools.guard.view import View


class Options(BaseModel):
    """types: those that count. unless_given: not where the same value stands in what the model was shown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: tuple[Type, ...] = TYPES
    unless_given: bool = False


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Every piece of personal data of the types that count."""
    found = await readings(text, about)
    hits = await off_loop(len(text), _find, text, found, options.types)
    if options.unless_given and hits:
        shown = await given(about)
        hits = [hit for hit in hits if not shown.holds(text[hit.start : hit.end])]
    return hits


def _find(text: str, found: Sequence[View], types: Sequence[Type]) -> list[Hit]:
    from tools.guard.pii.detect import detector

    reader = detector()

    def read(reading: str) -> Iterator[Hit]:
        return (
            Hit(one.type, one.start, one.end, one.score) for one in reader.find(reading) if one.type in types
        )

    # Digits read as letters make names of numbers.
    further = [view for view in found if "leet" not in view.how]
    return without_doubles([*read(text), *hidden(text, further, read)])


CHECK = Check(
    "personal_data",
    frozenset({"input", "passage", "tool", "output"}),
    find,
    "personal_data",
    "This text holds personal data that may not be passed on.",
    Options,
)
