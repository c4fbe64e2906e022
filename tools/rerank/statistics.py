"""How rare a term is among the chunks that the asker may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log


@dataclass(frozen=True, slots=True)
class Statistics:
    """Visible chunks, and how many of them hold each term."""

    chunks: int
    holding: Mapping[str, int]

    def idf(self, term: str) -> float:
        """0 for a term that no chunk has: it tells none apart."""
        found = self.holding.get(term, 0)
        return idf(self.chunks, found) if found else 0.0


def idf(chunks: int, holding: int) -> float:
    """Lucene's inverse document frequency, above 0."""
    return log(1 + (max(chunks - holding, 0) + 0.5) / (holding + 0.5))
