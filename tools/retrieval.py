"""Find passages: hybrid search in Postgres, then late interaction of the question with their sentences."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from state.identity import Identity
from state.passages import Candidate, PassageData
from state.postgres.readings import Found, Reading, load_found, load_readings
from state.postgres.search import Mode, search
from tools.analyse import terms
from tools.embed.embedder import embedder
from tools.query.fuse import fuse

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

CANDIDATES = 200
"""All that both sides of the search give: the union is ranked anew."""

REMEMBERED = 64

_recent: dict[tuple[str, str], NDArray[np.float32]] = {}


async def find(
    identity: Identity,
    query: str,
    added: Mapping[str, float] | None = None,
    *,
    limit: int = CANDIDATES,
    mode: Mode = "fused",
    documents: Sequence[int] | None = None,
) -> list[Candidate]:
    """Candidates for a query, best first; `added` are further index terms with their weights (1: as if typed)."""
    vector, name = await _vector(query), (await embedder()).name
    weights = {**Counter(terms(query)), **(added or {})}
    hits = await search(
        identity, weights, vector.tolist(), embedder=name, limit=limit, mode=mode, documents=documents
    )
    return [Candidate(chunk=hit.chunk, bm25=hit.bm25, cosine=hit.cosine, score=hit.score) for hit in hits]


async def find_all(
    identity: Identity,
    queries: Sequence[str],
    added: Mapping[str, float] | None = None,
    *,
    limit: int = CANDIDATES,
    documents: Sequence[int] | None = None,
) -> list[Candidate]:
    """Candidates for several queries at once, fused; `added` goes with the first, which is the question itself."""
    first, *others = queries
    found = await asyncio.gather(
        find(identity, first, added, limit=limit, documents=documents),
        *(find(identity, query, limit=limit, documents=documents) for query in others),
    )
    return fuse(found, limit)


async def rerank(
    identity: Identity, query: str, candidates: Sequence[Candidate], limit: int, *, sentences: bool = True
) -> list[PassageData]:
    """The best passages of the candidates; without `sentences` the order of the candidates stands.

    A passage is what is read where a chunk is found. One chunk within the passage of a better one is merged into it.
    """
    found = await load_found(identity, [candidate["chunk"] for candidate in candidates])
    candidates = [candidate for candidate in candidates if candidate["chunk"] in found]
    scores = [candidate["score"] for candidate in candidates]
    if sentences:
        scores = await _rank(query, candidates, found)
    ranked = sorted(zip(scores, candidates, strict=True), key=lambda pair: -pair[0])
    best = merge([(candidate["chunk"], score) for score, candidate in ranked], found)[:limit]
    readings = await load_readings(identity, [chunk for chunk, _, _ in best])
    return [
        _passage(chunk, score, merged, readings[chunk]) for chunk, score, merged in best if chunk in readings
    ]


def merge(
    ranked: Sequence[tuple[int, float]], found: Mapping[int, Found]
) -> list[tuple[int, float, list[int]]]:
    """Chunks and scores, best first, each with the worse chunks that stand within what is read for it."""
    kept: list[tuple[int, float, list[int]]] = []
    readers: dict[int, list[tuple[Found, list[int]]]] = {}
    for chunk, score in ranked:
        place = found[chunk]
        same_document = readers.setdefault(place.document, [])
        into = next((merged for other, merged in same_document if _within(place, other)), None)
        if into is not None:
            into.append(chunk)
            continue
        kept.append((chunk, score, []))
        same_document.append((place, kept[-1][2]))
    return kept


def _within(place: Found, other: Found) -> bool:
    return other.read[0] <= place.span[0] and place.span[1] <= other.read[1]


async def _rank(query: str, candidates: Sequence[Candidate], found: Mapping[int, Found]) -> list[float]:
    from tools.ranking import rank
    from tools.sentence_vectors import unpack

    vector = await _vector(query)
    packed = [found[candidate["chunk"]].span_vectors for candidate in candidates]
    sentences, counts = unpack(packed, len(vector))
    scores = rank(
        vector,
        [candidate["bm25"] for candidate in candidates],
        [candidate["cosine"] for candidate in candidates],
        sentences,
        counts,
    )
    return [float(score) for score in scores]


async def _vector(query: str) -> NDArray[np.float32]:
    """The query's vector; a turn asks for it in two steps."""
    model = await embedder()
    if (model.name, query) not in _recent:
        while len(_recent) >= REMEMBERED:
            del _recent[next(iter(_recent))]
        _recent[model.name, query] = await model.embed_query(query)
    return _recent[model.name, query]


def _passage(chunk: int, score: float, merged: Sequence[int], reading: Reading) -> PassageData:
    return PassageData(
        id=str(chunk),
        merged=[str(other) for other in merged],
        document_id=reading.document,
        version=reading.version,
        document=reading.path,
        title=reading.title,
        text=reading.text,
        start=reading.start,
        page=reading.page,
        page_starts=list(reading.page_starts),
        headings=list(reading.headings),
        score=score,
        also_in=list(reading.also_in),
    )
