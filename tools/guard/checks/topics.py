"""Topics off limits: by words, and by examples of what is not to be spoken of."""

from pydantic import BaseModel, ConfigDict, Field

from tools.guard.check import About, Check, Hit
from tools.guard.subjects import Subject, spoken_of


class Options(BaseModel):
    """threshold: the cosine with an example from which a sentence is about its topic.

    At 0.5, 1 of 2,000 questions of other matters is (five topics, 1,200 questions), and about three quarters of those
    that ask the same in other words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    topics: tuple[Subject, ...] = Field(min_length=1)
    threshold: float = Field(0.5, gt=0, le=1)


async def find(text: str, options: Options, about: About) -> list[Hit]:
    """Each place where a phrase stands; of a topic without one, the sentence nearest to its examples."""
    return await spoken_of(text, about, options.topics, options.threshold)


CHECK = Check(
    "topics",
    frozenset({"input", "output"}),
    find,
    "topic_off_limits",
    "The assistant does not speak about this topic.",
    Options,
)
