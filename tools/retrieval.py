"""Find passages: hybrid search in Postgres, then late interaction of the question with their sentences."""

from collections.abc import Sequence

from state.assistant import Candidate, PassageData
from state.identity import Identity
from state.postgres.search import Chunk, Mode, load_chunks, search
from tools.analyse import terms
from tools.embed.embedder import embedder

CANDIDATES = 50


async def find(
    identity: Identity,
    query: str,
    *,
    limit: int = CANDIDATES,
    mode: Mode = "fused",
    documents: Sequence[int] | None = None,
) -> list[Candidate]:
    """Candidates for a query, best first."""
    vector = await (await embedder()).embed_query(query)
    hits = await search(identity, terms(query), vector.tolist(), limit=limit, mode=mode, documents=documents)
    return [Candidate(chunk=hit.chunk, bm25=hit.bm25, cosine=hit.cosine, score=hit.score) for hit in hits]


async def rerank(
    identity: Identity, query: str, candidates: Sequence[Candidate], limit: int, *, sentences: bool = True
) -> list[PassageData]:
    """The best passages of the candidates: the fused score and that of the best sentence, in equal parts.

    Without `sentences` the order of the candidates stands.
    """
    chunks = await load_chunks(identity, [candidate["chunk"] for candidate in candidates])
    found = [(candidate, chunks[candidate["chunk"]]) for candidate in candidates if candidate["chunk"] in chunks]
    scores = [candidate["score"] for candidate, _ in found]
    if sentences:
        nearest = await _nearest_sentences(query, [chunk for _, chunk in found])
        scores = [(a + b) / 2 for a, b in zip(_scale(scores), _scale(nearest), strict=True)]
    order = sorted(range(len(found)), key=lambda i: -scores[i])[:limit]
    return [_passage(found[i][1], scores[i]) for i in order]


async def _nearest_sentences(query: str, chunks: Sequence[Chunk]) -> list[float]:
    from tools.sentence_vectors import best_cosines

    vector = await (await embedder()).embed_query(query)
    return best_cosines(vector, [chunk.span_vectors for chunk in chunks])


def _scale(values: Sequence[float]) -> list[float]:
    low, high = min(values, default=0.0), max(values, default=0.0)
    return [(value - low) / (high - low) if high > low else 0.0 for value in values]


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
