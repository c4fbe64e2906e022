"""What search needs of a chunk, made in one pass of the embedder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from state.postgres.documents import ChunkRow
from state.postgres.index_settings import claim
from state.postgres.pool import admin
from tools.analyse import term_counts
from tools.chunk import Chunk
from tools.embed.embedder import embedder
from tools.sentences import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Spans = Sequence[tuple[int, int]]


@runtime_checkable
class SpanEmbedder(Protocol):
    """An embedder that gives the vectors of spans from the same pass as that of the text."""

    async def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]]]: ...


def in_context(title: str, headings: Sequence[str], text: str) -> str:
    """The text that is embedded and indexed: a chunk behind its title and heading path."""
    return "\n".join(part for part in (title, " > ".join(headings), text) if part)


async def index_rows(titled: Sequence[tuple[str, Chunk]]) -> list[ChunkRow]:
    """Rows ready to store, of (document title, chunk) pairs, in order."""
    made = await vectors([(title, chunk.headings, chunk.text) for title, chunk in titled])
    return [
        ChunkRow(
            start=chunk.start,
            end=chunk.end,
            page=chunk.page,
            headings=chunk.headings,
            text=chunk.text,
            counts=term_counts(in_context(title, chunk.headings, chunk.text)),
            embedding=vector,
            span_vectors=packed,
        )
        for (title, chunk), (vector, packed) in zip(titled, made, strict=True)
    ]


async def vectors(texts: Sequence[tuple[str, Sequence[str], str]]) -> list[tuple[list[float], bytes]]:
    """Of (title, headings, text): the vector of the text in its context, and those of its sentences, packed."""
    from tools.sentence_vectors import pack

    whole = [in_context(*text) for text in texts]
    model = await embedder()
    if not isinstance(model, SpanEmbedder):
        return [(vector.tolist(), b"") for vector in await model.embed(whole)]
    spans = [
        _shift(sentence_spans(text), len(all_) - len(text))
        for all_, (_, _, text) in zip(whole, texts, strict=True)
    ]
    found, of_spans = await model.embed_with_spans(whole, spans)
    return [(vector.tolist(), pack(matrix)) for vector, matrix in zip(found, of_spans, strict=True)]


async def claim_index() -> None:
    """Refuse to mix vectors of two models in one index."""
    model = await embedder()
    async with admin() as connection:
        await claim(connection, model.name, model.dimensions)


def _shift(spans: Spans, by: int) -> list[tuple[int, int]]:
    return [(start + by, end + by) for start, end in spans]
