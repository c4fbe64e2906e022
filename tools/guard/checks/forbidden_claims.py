"""Claims that an answer must not make, such as promises and guarantees."""

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.check import About, Check, Hit
from tools.guard.subjects import Subject, spoken_of


class Options(BaseModel):
    """threshold: the cosine with an example from which a sentence makes its claim; high, for a claim is more than
    its topic. unless_denied: "there are no guaranteed returns" is no such claim.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    claims: tuple[Subject, ...] = Field(min_length=1)
    threshold: float = Field(0.8, gt=0, le=1)
    unless_denied: bool = True


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Each place where a phrase stands; of a claim without one, the sentence nearest to its examples."""
    return await spoken_of(text, about, options.claims, options.threshold, options.unless_denied)


CHECK = Check(
    "forbidden_claims",
    frozenset({"output"}),
    find,
    "forbidden_claim",
    "The answer made a claim that may not be made here, so it was withheld.",
    Options,
)
