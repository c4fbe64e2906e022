"""Find candidates: hybrid search in Postgres."""

from collections.abc import Sequence

from state.filters import Filters, Phrase
from state.identity import Identity
from state.passages import Candidate
from state.postgres.search import Mode, search
from tools.analyse import terms
from tools.embed.question import embedded_question

CANDIDATES = 200
"""All that both sides of the search give: the union is ranked anew."""


async def find(
    identity: Identity,
    query: str,
    *,
    limit: int = CANDIDATES,
    mode: Mode = "fused",
    filters: Filters | None = None,
    phrases: Sequence[str] = (),
) -> list[Candidate]:
    """Candidates for a query, best first; filters and phrases limit the search as `search` says."""
    asked = await embedded_question(query)
    hits = await search(
        identity,
        terms(query),
        asked.vector.tolist(),
        embedder=asked.model,
        limit=limit,
        mode=mode,
        filters=filters,
        phrases=[Phrase(text, tuple(terms(text))) for text in phrases],
    )
    return [Candidate(chunk=hit.chunk, bm25=hit.bm25, cosine=hit.cosine, score=hit.score) for hit in hits]
