"""The reranker that this process is configured to use, and the local one where that fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from state.errors import KairosError
from state.settings import settings
from tools.rerank.interface import Question, Ranked
from tools.rerank.local import local

if TYPE_CHECKING:
    from tools.rerank.remote import RemoteReranker


@dataclass
class Chosen:
    """The local ranking, and over the best of it the hosted one; made anew for each ranking.

    by: the ranking that stands; error: the code of what kept the hosted one from it.
    """

    hosted: RemoteReranker | None
    by: str = "local"
    error: str | None = None

    async def __call__(self, question: Question, ranked: Sequence[Ranked]) -> list[Ranked]:
        """The candidates, best first; a hosted reranker that fails or is too slow changes nothing."""
        best = await local(question, ranked)
        if self.hosted is None or not best:
            return best
        try:
            rescored = await self.hosted(question, best)
        except KairosError as error:
            self.error = error.code
            return best
        self.by = self.hosted.name
        return rescored


def chosen() -> Chosen:
    """For one ranking. Raises KairosError when KAIROS_RERANKER is unknown, or lacks its address or key."""
    return Chosen(None if settings().reranker == "local" else _hosted())


@lru_cache(maxsize=1)
def _hosted() -> RemoteReranker:
    config = settings()
    match config.reranker:
        case "remote":
            from tools.rerank import remote

            return remote.load(config)
        case "cohere":
            from tools.rerank import cohere

            return cohere.load(config)
        case unknown:
            sentence = f"KAIROS_RERANKER is {unknown!r}; it can be local, remote or cohere."
            raise KairosError("reranker_unknown", sentence)
