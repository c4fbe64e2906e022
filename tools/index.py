"""What search needs of a chunk, made in one pass of the embedder."""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from state.identity import Identity
from state.postgres.documents import ChunkRow, ingesting
from state.postgres.index_settings import claim
from tools.analyse import term_counts
from tools.chunk import Chunk
from tools.embed.embedder import embedder
from tools.sentences import sentence_spans

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
    chunks = [chunk for _, chunk in titled]
    texts = [in_context(title, chunk.headings, chunk.text) for title, chunk in titled]
    spans = [sentence_spans(chunk.text) for chunk in chunks]
    model = await embedder()
    if isinstance(model, SpanEmbedder):
        shifted = [_shift(s, len(t) - len(c.text)) for s, t, c in zip(spans, texts, chunks, strict=True)]
        vectors, span_vectors = await model.embed_with_spans(texts, shifted)
        packed = [pack(matrix) for matrix in span_vectors]
    else:
        vectors, packed = await model.embed(texts), [b""] * len(chunks)
    return [
        ChunkRow(
            start=chunk.start,
            end=chunk.end,
            page=chunk.page,
            headings=chunk.headings,
            text=chunk.text,
            counts=term_counts(text),
            embedding=vector.tolist(),
            spans=sentences,
            span_vectors=span_bytes,
        )
        for chunk, text, vector, sentences, span_bytes in zip(
            chunks, texts, vectors, spans, packed, strict=True
        )
    ]


async def claim_index(identity: Identity) -> None:
    """Refuse to mix vectors of two models in one index."""
    model = await embedder()
    async with ingesting(identity) as connection:
        await claim(connection, model.name, model.dimensions)


def pack(vectors: NDArray[np.float32]) -> bytes:
    """Unit vectors (n, d) as int8, scaled by 127."""
    return np.rint(vectors * 127).astype(np.int8).tobytes()


def unpack(packed: bytes, dimensions: int) -> NDArray[np.float32]:
    """What `pack` made, as float32 (n, dimensions)."""
    return np.frombuffer(packed, dtype=np.int8).reshape(-1, dimensions).astype(np.float32) / 127


def _shift(spans: Spans, by: int) -> list[tuple[int, int]]:
    return [(start + by, end + by) for start, end in spans]
