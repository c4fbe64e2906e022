"""The second search of a question that needs two: in the documents that the first hits name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from state.identity import Identity
from state.postgres.frequencies import document_frequencies
from state.postgres.readings import load_found, load_texts
from state.postgres.search import search
from state.postgres.titles import named
from tools.analyse import terms
from tools.rerank.interface import Question, Ranked
from tools.rerank.mentions import bonuses, names_in, weights
from tools.rerank.statistics import Statistics

MOST_NAMED = 50
CHUNKS_OF_EACH = 2


async def named_by(question: Question, first: Sequence[Ranked]) -> dict[int, float]:
    """Documents that the first hits name and the asker may see: the bonus of each, 0 to 1."""
    identity = question.identity
    texts = await load_texts(identity, [one.chunk for one in first])
    names = [names_in(texts.get(one.chunk, "")) for one in first]
    documents = await named(identity, sorted(frozenset().union(*names)))
    if question.filters.documents is not None:
        allowed = set(question.filters.documents)
        documents = {key: name for key, name in documents.items() if key in allowed}
    if not documents:
        return {}
    statistics = await statistics_of(identity, [term for name in documents.values() for term in terms(name)])
    of_chunks = [
        {key for key, name in documents.items() if name in its and key != one.found.document}
        for one, its in zip(first, names, strict=True)
    ]
    found = bonuses([one.score for one in first], of_chunks, weights(documents, statistics))
    return dict(sorted(found.items(), key=lambda item: -item[1])[:MOST_NAMED])


async def chunks_of(question: Question, documents: Sequence[int]) -> list[Ranked]:
    """The chunks of documents, within the filters of the search, that are nearest to the question."""
    hits = await search(
        question.identity,
        question.terms,
        question.embedded.vector.tolist(),
        embedder=question.embedded.model,
        limit=CHUNKS_OF_EACH * len(documents),
        filters=replace(question.filters, documents=documents),
    )
    found = await load_found(question.identity, [hit.chunk for hit in hits])
    return [
        Ranked(hit.chunk, found[hit.chunk], hit.bm25, hit.cosine, hit.score, {})
        for hit in hits
        if hit.chunk in found
    ]


async def statistics_of(identity: Identity, wanted: Sequence[str]) -> Statistics:
    """How rare terms are among what the asker may see."""
    return Statistics(*await document_frequencies(identity, wanted))
