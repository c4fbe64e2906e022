"""What a reranker is: candidates in, the same or more of them out, best first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from state.filters import Filters

if TYPE_CHECKING:
    from state.identity import Identity
    from state.postgres.readings import Found
    from tools.embed.question import EmbeddedQuestion


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, by whom: the text, its index terms as they occur, and what the embedder makes of it.

    filters: what the search is limited to.
    """

    identity: Identity
    text: str
    terms: Sequence[str]
    embedded: EmbeddedQuestion
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A chunk with what is stored of it, the scores of the search, and the score it is ranked by.

    why: what each part of the ranking gave, by name.
    """

    chunk: int
    found: Found
    bm25: float
    cosine: float
    score: float
    why: Mapping[str, float]


def by_score(one: Ranked) -> tuple[float, int]:
    """The order of ranking: best first, the same every time."""
    return -one.score, one.chunk


class Reranker(Protocol):
    """Ranks anew; one that reads few texts may leave the rest of the order as it is."""

    async def __call__(self, question: Question, ranked: Sequence[Ranked]) -> list[Ranked]:
        """The candidates, best first; raises KairosError when they cannot be ranked."""
        ...
