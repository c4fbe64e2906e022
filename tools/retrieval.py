"""Find candidates: hybrid search in Postgres."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence

from state.filters import Filters, Phrase
from state.identity import Identity
from state.passages import Candidate
from state.plan import Plan
from state.postgres.search import Mode, search
from tools.analyse import terms
from tools.embed.question import embedded_question
from tools.query.expansion import added_terms
from tools.query.fuse import fuse

CANDIDATES = 200
"""All that both sides of the search give: the union is ranked anew."""


async def find(
    identity: Identity,
    query: str,
    added: Mapping[str, float] | None = None,
    *,
    limit: int = CANDIDATES,
    mode: Mode = "fused",
    filters: Filters | None = None,
    phrases: Sequence[str] = (),
) -> list[Candidate]:
    """Candidates for a query, best first; filters and phrases limit the search as `search` says.

    added: further index terms with their weights (1: as if typed).
    """
    asked = await embedded_question(query)
    hits = await search(
        identity,
        {**Counter(terms(query)), **(added or {})},
        asked.vector.tolist(),
        embedder=asked.model,
        limit=limit,
        mode=mode,
        filters=filters,
        phrases=[Phrase(text, tuple(terms(text))) for text in phrases],
    )
    return [Candidate(chunk=hit.chunk, bm25=hit.bm25, cosine=hit.cosine, score=hit.score) for hit in hits]


async def find_planned(
    identity: Identity, plan: Plan, filters: Filters | None = None
) -> tuple[list[Candidate], Plan]:
    """Candidates for the queries of a plan; where no passage holds its phrases, they count as words, and it says so."""
    texts, phrases = [query["text"] for query in plan["queries"]], plan["phrases"]
    added = added_terms(texts[0], plan["expansions"])
    found = await find_all(identity, texts, added, filters=filters, phrases=phrases)
    if found or not phrases:
        return found, plan
    named = " and ".join(f"“{phrase}”" for phrase in phrases)
    why = f"{plan['why']} No passage holds {named} as it stands."
    return await find_all(identity, texts, added, filters=filters), {**plan, "phrases": [], "why": why}


async def find_all(
    identity: Identity,
    queries: Sequence[str],
    added: Mapping[str, float] | None = None,
    *,
    limit: int = CANDIDATES,
    filters: Filters | None = None,
    phrases: Sequence[str] = (),
) -> list[Candidate]:
    """Candidates for several queries at once, fused; `added` goes with the first, which is the question itself."""
    first, *others = queries
    found = await asyncio.gather(
        find(identity, first, added, limit=limit, filters=filters, phrases=phrases),
        *(find(identity, query, limit=limit, filters=filters, phrases=phrases) for query in others),
    )
    return fuse(found, limit)
