"""What search needs of a chunk, made in one pass of the embedder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

from state.identity import Identity
from state.postgres.chunks import ChunkRow, embedded
from state.postgres.index_settings import claim
from state.postgres.pool import admin
from tools.analyse import terms
from tools.chunking import Chunk
from tools.embed.embedder import embedder
from tools.rerank.stems import pack_stems
from tools.sentences import sentence_spans

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Spans = Sequence[tuple[int, int]]
Vectors = tuple[list[float], bytes, bytes]
"""Of one text: its vector, those of its sentences, packed, and the codes of its tokens."""


@runtime_checkable
class SpanEmbedder(Protocol):
    """An embedder that gives span vectors and token codes from the pass that makes the text's vector."""

    async def embed_with_spans(
        self, texts: Sequence[str], spans: Sequence[Spans]
    ) -> tuple[NDArray[np.float32], list[NDArray[np.float32]], list[bytes]]: ...


Titled = tuple[str, Sequence[Chunk], Sequence[str]]
"""A document's title, its chunks, and a generated line of context for each, or none at all."""


class Embedded(NamedTuple):
    """What is embedded of a chunk; only `text` is ever quoted."""

    title: str
    headings: tuple[str, ...]
    context: str
    text: str

    @property
    def whole(self) -> str:
        """The chunk behind its title, heading path and context: the text that is embedded and indexed."""
        return "\n".join(
            part for part in (self.title, " > ".join(self.headings), self.context, self.text) if part
        )

    def digest(self, model: str) -> bytes:
        """A mark that only the same text, in the same context, by the same model has."""
        parts = (model, self.title, "\x1e".join(self.headings), self.context, self.text)
        return blake2b("\x1f".join(parts).encode(errors="replace"), digest_size=16).digest()


async def index_rows(identity: Identity, titled: Sequence[Titled]) -> list[list[ChunkRow]]:
    """Rows ready to store of each document; what the tenant has stored already is not embedded again."""
    model = (await embedder()).name
    marked = [[(text.digest(model), text) for text in _texts(*document)] for document in titled]
    found = await _vectors(identity, {digest: text for row in marked for digest, text in row})
    return [
        [_row(chunk, text, digest, found) for chunk, (digest, text) in zip(document[1], row, strict=True)]
        for document, row in zip(titled, marked, strict=True)
    ]


def _texts(title: str, chunks: Sequence[Chunk], contexts: Sequence[str]) -> list[Embedded]:
    lines = contexts or [""] * len(chunks)
    return [
        Embedded(title, tuple(chunk.headings), line, chunk.text)
        for chunk, line in zip(chunks, lines, strict=True)
    ]


async def _vectors(identity: Identity, texts: Mapping[bytes, Embedded]) -> dict[bytes, Vectors]:
    """The vectors of texts by digest: stored ones first, the others from the embedder in one go."""
    found = await embedded(identity, list(texts)) if texts else {}
    missing = [digest for digest in texts if digest not in found]
    made = await vectors([texts[digest] for digest in missing]) if missing else []
    return {**found, **dict(zip(missing, made, strict=True))}


def _row(chunk: Chunk, text: Embedded, digest: bytes, found: Mapping[bytes, Vectors]) -> ChunkRow:
    vector, packed, codes = found[digest]
    stems = terms(text.whole)
    return ChunkRow(
        start=chunk.start,
        end=chunk.end,
        read=chunk.read,
        page=chunk.page,
        headings=chunk.headings,
        text=chunk.text,
        context=text.context,
        counts=Counter(stems),
        embedding=vector,
        span_vectors=packed,
        digest=digest,
        token_codes=codes,
        stems=pack_stems(stems),
    )


async def vectors(texts: Sequence[Embedded]) -> list[Vectors]:
    """The vector of each text in its context, those of its sentences, packed, and the codes of its tokens."""
    from tools.sentence_vectors import pack

    whole = [text.whole for text in texts]
    model = await embedder()
    if not isinstance(model, SpanEmbedder):
        return [(vector.tolist(), b"", b"") for vector in await model.embed(whole)]
    spans = [_shift(sentence_spans(text.text), len(text.whole) - len(text.text)) for text in texts]
    found, of_spans, codes = await model.embed_with_spans(whole, spans)
    made = zip(found, of_spans, codes, strict=True)
    return [(vector.tolist(), pack(matrix), code) for vector, matrix, code in made]


async def claim_index() -> None:
    """Refuse to mix vectors of two models in one index."""
    model = await embedder()
    async with admin() as connection:
        await claim(connection, model.name, model.dimensions)


def _shift(spans: Spans, by: int) -> list[tuple[int, int]]:
    return [(start + by, end + by) for start, end in spans]
