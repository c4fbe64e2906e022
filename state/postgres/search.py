"""Hybrid search: exact BM25 and vector candidates, found side by side on two connections, and fused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, LiteralString

from psycopg import sql

from state.filters import Filters, Phrase
from state.identity import Identity
from state.postgres.chunks import vector_literal
from state.postgres.filtering import require_known
from state.postgres.index_settings import require
from state.postgres.pool import Connection, scoped
from state.postgres.scope import Scope

if TYPE_CHECKING:
    from state.postgres.words import Scored

EXACT_UP_TO = 5_000
"""Below so many visible chunks a scan is as fast as the HNSW index, and exact."""

LEXICAL_WEIGHT = 0.4
HNSW_EF_SEARCH = 400
HNSW_SCAN_TUPLES = 40_000
"""Vectors that a filtered search looks at before it gives up: enough for 100 hits where one in 400 passes."""

Mode = Literal["fused", "bm25", "dense"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, and why: its BM25 score, its cosine, and the fused score it is ranked by."""

    chunk: int
    bm25: float
    cosine: float
    score: float


_NEAREST: LiteralString = """
    SELECT id, -(embedding <#> %(vector)s::halfvec) AS cosine FROM (
        SELECT c.id, c.embedding FROM chunks c WHERE {scope} ORDER BY {distance} LIMIT {depth}
    ) c
"""
_INDEXED: LiteralString = "c.embedding <#> %(vector)s::halfvec"
_EXACT: LiteralString = "(c.embedding <#> %(vector)s::halfvec) + 0"  # an expression that no index serves
_COSINES: LiteralString = """
    SELECT id, -(embedding <#> %(vector)s::halfvec) AS cosine FROM chunks c WHERE c.id = ANY (%(chunks)s)
"""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One search; `weights` are those of the index terms."""

    identity: Identity
    weights: Mapping[str, float]
    vector: Sequence[float]
    embedder: str
    depth: int
    filters: Filters
    scope: Scope


async def search(
    identity: Identity,
    terms: Sequence[str] | Mapping[str, float],
    vector: Sequence[float],
    *,
    embedder: str,
    limit: int,
    mode: Mode = "fused",
    depth: int = 100,
    filters: Filters | None = None,
    phrases: Sequence[Phrase] = (),
) -> list[Hit]:
    """The best chunks that the asker may see, best first.

    `terms` are the query's index terms as they occur, or with their weights; `vector` is its embedding of unit
    length by the model `embedder`; `depth` candidates come from each side. With `phrases` only chunks are found, by
    words or by meaning, whose text holds each of them: nothing at all for a phrase that nobody has.
    Raises KairosError `embedder_changed` when the index holds vectors of another model, `collection_unknown` and
    `filter_unknown` for filters that nothing of the asker's has.
    """
    filters = filters or Filters()
    weights: Mapping[str, float] = terms if isinstance(terms, Mapping) else Counter(terms)
    scope = Scope.of(filters, phrases)
    asked = _Asked(identity, weights, vector, embedder, depth, filters, scope)
    if mode == "dense":
        near = await _by_vector(asked)
        hits = [Hit(chunk, 0.0, cosine, cosine) for chunk, cosine in near.items()]
    elif mode == "bm25":
        scored, cosines = await _by_words(asked)
        hits = [Hit(chunk, bm25, cosines[chunk], bm25) for chunk, bm25 in scored.of(list(cosines)).items()]
    else:
        hits = await _fused(asked)
    return sorted(hits, key=lambda hit: (-hit.score, hit.chunk))[:limit]


async def _fused(asked: _Asked) -> list[Hit]:
    """What either side found; neither waits for the other, nor for a connection while it holds one."""
    by_vector = asyncio.create_task(_by_vector(asked))
    try:
        scored, cosines = await _by_words(asked)
        cosines |= await by_vector
    finally:
        by_vector.cancel()
        await asyncio.gather(by_vector, return_exceptions=True)
    return fused(scored.of(list(cosines)), cosines)


def fused(bm25: Mapping[int, float], cosines: Mapping[int, float]) -> list[Hit]:
    """The weighted mean of both scores of each chunk, each scaled from 0 for the least to 1 for the most."""
    words, meaning = _scaled(bm25), _scaled(cosines)
    return [
        Hit(chunk, bm25[chunk], cosine, LEXICAL_WEIGHT * words[chunk] + (1 - LEXICAL_WEIGHT) * meaning[chunk])
        for chunk, cosine in cosines.items()
    ]


def _scaled(scores: Mapping[int, float]) -> dict[int, float]:
    least = min(scores.values(), default=0.0)
    span = max(scores.values(), default=0.0) - least
    return {chunk: (score - least) / span if span else 0.0 for chunk, score in scores.items()}


async def _by_words(asked: _Asked) -> tuple[Scored, dict[int, float]]:
    """The scores of all chunks that hold a word, and the cosines of the best."""
    from state.postgres import words

    async with _session(asked) as (connection, exact):
        scored = await words.score(connection, asked.weights, asked.scope, small=exact)
        best = list(scored.best(asked.depth))
        if not best:
            return scored, {}
        values = {"vector": vector_literal(asked.vector), "chunks": best}
        cursor = await connection.execute(_COSINES, values)
        return scored, {row["id"]: row["cosine"] for row in await cursor.fetchall()}


async def _by_vector(asked: _Asked) -> dict[int, float]:
    """The nearest chunks with their cosines."""
    async with _session(asked) as (connection, exact):
        text = _NEAREST.replace("{scope}", asked.scope.where(indexed=not exact)).replace(
            "{distance}", _EXACT if exact else _INDEXED
        )
        before, after = text.split("{depth}")
        # The depth is part of the text, as the planner has to know it.
        statement = sql.Composed([sql.SQL(before), sql.Literal(asked.depth), sql.SQL(after)])
        cursor = await connection.execute(
            statement, asked.scope.values | {"vector": vector_literal(asked.vector)}
        )
        return {row["id"]: row["cosine"] for row in await cursor.fetchall()}


@asynccontextmanager
async def _session(asked: _Asked) -> AsyncIterator[tuple[Connection, bool]]:
    """A connection as the asker, and whether so few chunks are in scope that all of them are looked at."""
    async with scoped(asked.identity) as connection:
        visible = await _visible_chunks(connection, asked.embedder, len(asked.vector))
        await require_known(connection, asked.filters)
        small = visible <= EXACT_UP_TO or await asked.scope.is_small(connection, EXACT_UP_TO)
        yield connection, small


async def _visible_chunks(connection: Connection, embedder: str, dimensions: int) -> int:
    """How many chunks the asker may see; checks the model and sets up the search in the same round trip."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(chunks), 0) AS chunks, set_config('hnsw.ef_search', %s, true), "
        "set_config('hnsw.iterative_scan', 'relaxed_order', true), "  # strict drops what later rounds find nearer
        "set_config('hnsw.max_scan_tuples', %s, true), set_config('jit', 'off', true), "
        # Planning takes longer than most searches: one plan for all.
        "set_config('plan_cache_mode', 'force_generic_plan', true), max(s.embedder) AS embedder, "
        "max(s.dimensions) AS dimensions FROM access_classes LEFT JOIN index_settings s ON true",
        (str(HNSW_EF_SEARCH), str(HNSW_SCAN_TUPLES)),
    )
    row = await cursor.fetchone()
    if row is None or row["embedder"] is None:
        return 0
    require(embedder, dimensions, row["embedder"], row["dimensions"])
    return int(row["chunks"])
