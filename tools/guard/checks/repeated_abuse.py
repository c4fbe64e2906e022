"""Somebody who was refused again and again of late."""

from pydantic import BaseModel, ConfigDict, Field

from state.errors import KairosError
from tools.guard.check import About, Check, Hit


class Options(BaseModel):
    """refusals: so many turns refused with one of the codes in so many minutes are too many.

    A refusal by this check is none of them, so whoever waits that long may ask again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    refusals: int = Field(5, gt=0, le=1_000)
    minutes: float = Field(10, gt=0, le=7 * 24 * 60)
    codes: tuple[str, ...] = Field(("attack", "harmful"), min_length=1)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """The whole text, if its asker was refused too often. Raises KairosError `unauthenticated` if nobody asks, and
    `database_unavailable` when that cannot be known.
    """
    from state.postgres.turns import refused

    if about.identity is None:
        raise KairosError("unauthenticated", "It is not known who asks.")
    count = await refused(about.identity, options.codes, options.minutes, options.refusals)
    return [Hit("refused_too_often", 0, len(text))] if count >= options.refusals else []


CHECK = Check(
    "repeated_abuse",
    frozenset({"input"}),
    find,
    "too_many_refusals",
    "Too many of your questions were refused lately; please try again later.",
    Options,
)
