"""Find passages: hybrid search in Postgres, then late interaction of the question with their sentences."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from state.assistant import Candidate, PassageData
from state.identity import Identity
from state.postgres.search import Chunk, Mode, load_chunks, search
from tools.analyse import terms
from tools.embed.embedder import embedder
from tools.index import unpack

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
    vector = await (await embedder()).embed_query(query)
    chunks = await load_chunks(identity, [candidate["chunk"] for candidate in candidates])
    found = [
        (candidate, chunks[candidate["chunk"]]) for candidate in candidates if candidate["chunk"] in chunks
    ]
    fused = np.array([candidate["score"] for candidate, _ in found])
    scores = fused
    if sentences:
        best = np.array([_best_sentence(vector, chunk) for _, chunk in found])
        scores = (_scale(fused) + _scale(best)) / 2
    order = np.argsort(-scores, kind="stable")[:limit]
    return [_passage(found[i][1], float(scores[i])) for i in order]


def _best_sentence(query: NDArray[np.float32], chunk: Chunk) -> float:
    vectors = unpack(chunk.span_vectors, len(query))
    return float((vectors @ query).max()) if len(vectors) else 0.0


def _scale(values: NDArray[np.float64]) -> NDArray[np.float64]:
    if not len(values) or np.ptp(values) == 0:
        return np.zeros(len(values))
    scaled: NDArray[np.float64] = (values - values.min()) / np.ptp(values)
    return scaled


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
