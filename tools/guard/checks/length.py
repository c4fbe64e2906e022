"""Texts that are too long to be taken."""

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tools.guard.check import About, Check, Hit
from tools.guard.injection.closed import off_loop


class Options(BaseModel):
    """characters, tokens: at most; tokens are estimated from above (see tools.models.tokens)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    characters: int | None = Field(None, gt=0)
    tokens: int | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _limits_something(self) -> Self:
        if self.characters is None and self.tokens is None:
            raise ValueError("set characters or tokens")
        return self


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """What is past the limit; of tokens, about where."""
    from tools.models.tokens import text_tokens

    hits = []
    if options.characters is not None and len(text) > options.characters:
        hits.append(Hit("characters", options.characters, len(text)))
    if options.tokens is not None:
        tokens = await off_loop(len(text), text_tokens, text)
        if tokens > options.tokens:
            hits.append(Hit("tokens", len(text) * options.tokens // tokens, len(text)))
    return hits


CHECK = Check(
    "length",
    frozenset({"input", "passage", "tool"}),
    find,
    "too_long",
    "This text is longer than may be sent; please shorten it.",
    Options,
)
