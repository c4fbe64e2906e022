"""Find passages: hybrid search in Postgres, then late interaction of the question with their sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from state.identity import Identity
from state.passages import Candidate, PassageData
from state.postgres.search import Chunk, Mode, load_chunks, load_span_vectors, search
from tools.analyse import terms
from tools.embed.embedder import embedder

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
    *,
    limit: int = CANDIDATES,
    mode: Mode = "fused",
    documents: Sequence[int] | None = None,
) -> list[Candidate]:
    """Candidates for a query, best first."""
    vector, name = await _vector(query), (await embedder()).name
    hits = await search(
        identity, terms(query), vector.tolist(), embedder=name, limit=limit, mode=mode, documents=documents
    )
    return [Candidate(chunk=hit.chunk, bm25=hit.bm25, cosine=hit.cosine, score=hit.score) for hit in hits]


async def rerank(
    identity: Identity, query: str, candidates: Sequence[Candidate], limit: int, *, sentences: bool = True
) -> list[PassageData]:
    """The best passages of the candidates; without `sentences` the order of the candidates stands."""
    scores = [candidate["score"] for candidate in candidates]
    if sentences:
        scores = await _rank(identity, query, candidates)
    best = sorted(zip(scores, candidates, strict=True), key=lambda pair: -pair[0])[:limit]
    chunks = await load_chunks(identity, [candidate["chunk"] for _, candidate in best])
    return [
        _passage(chunks[candidate["chunk"]], score)
        for score, candidate in best
        if candidate["chunk"] in chunks
    ]


async def _rank(identity: Identity, query: str, candidates: Sequence[Candidate]) -> list[float]:
    from tools.ranking import rank
    from tools.sentence_vectors import unpack

    vector = await _vector(query)
    packed = await load_span_vectors(identity, [candidate["chunk"] for candidate in candidates])
    sentences, counts = unpack([packed.get(candidate["chunk"], b"") for candidate in candidates], len(vector))
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


def _passage(chunk: Chunk, score: float) -> PassageData:
    return PassageData(
        id=str(chunk.id),
        document_id=chunk.document,
        document=chunk.path,
        title=chunk.title,
        text=chunk.text,
        start=chunk.start,
        page=chunk.page,
        headings=list(chunk.headings),
        score=score,
    )
