"""From candidates to passages: ranked anew, merged where they are read together, loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from state.filters import Filters
from state.identity import Identity
from state.passages import Candidate, PassageData
from state.postgres.readings import Found, Reading, load_found, load_readings
from tools.analyse import terms
from tools.embed.question import embedded_question
from tools.rerank.interface import Question, Ranked, Reranker
from tools.rerank.local import local


async def rerank(
    identity: Identity,
    query: str,
    candidates: Sequence[Candidate],
    limit: int,
    *,
    reranker: Reranker | None = local,
    filters: Filters | None = None,
) -> list[PassageData]:
    """The best passages of the candidates; with `reranker` None the order of the candidates stands.

    A passage is what is read where a chunk is found. One chunk within the passage of a better one is merged into it.
    filters: what the search was limited to.
    """
    found = await load_found(identity, [candidate["chunk"] for candidate in candidates])
    ranked = [_ranked(candidate, found) for candidate in candidates if candidate["chunk"] in found]
    if reranker:
        question = Question(
            identity, query, terms(query), await embedded_question(query), filters or Filters()
        )
        ranked = await reranker(question, ranked)
    places = {one.chunk: one.found for one in ranked}
    by_chunk = {one.chunk: one for one in ranked}
    best = merge([(one.chunk, one.score) for one in ranked], places)[:limit]
    readings = await load_readings(identity, [chunk for chunk, _, _ in best])
    return [
        _passage(by_chunk[chunk], merged, readings[chunk]) for chunk, _, merged in best if chunk in readings
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


def _ranked(candidate: Candidate, found: Mapping[int, Found]) -> Ranked:
    bm25, cosine = candidate["bm25"], candidate["cosine"]
    why = {"bm25": bm25, "cosine": cosine}
    return Ranked(candidate["chunk"], found[candidate["chunk"]], bm25, cosine, candidate["score"], why)


def _passage(ranked: Ranked, merged: Sequence[int], reading: Reading) -> PassageData:
    return PassageData(
        id=str(ranked.chunk),
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
        score=ranked.score,
        also_in=list(reading.also_in),
        why=dict(ranked.why),
        collection=reading.collection,
        suspicion=reading.suspicion,
    )
