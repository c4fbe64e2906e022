"""Hybrid search in one statement: exact BM25 and vector candidates, fused, over one snapshot.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf of Lucene; corpus statistics
are those of the chunks that the asker may see, so scores tell nothing about the others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

from psycopg import sql

from state.filters import Filters, Phrase
from state.identity import Identity
from state.postgres.chunks import vector_literal
from state.postgres.filtering import Values, documents_where, phrases_where, require_known
from state.postgres.index_settings import require
from state.postgres.pool import Connection, scoped

K1 = 1.2
B = 0.75
EXACT_UP_TO = 5_000
"""Below so many visible chunks a scan is as fast as the HNSW index, and exact."""

LEXICAL_WEIGHT = 0.4
HNSW_EF_SEARCH = 400
HNSW_SCAN_TUPLES = 40_000
"""Vectors that a filtered search looks at before it gives up: enough for 100 hits where one in 400 passes."""

MOST_TERMS = 64
"""Of a longer query the rarest count: more words make a query slower and hardly better."""

Mode = Literal["fused", "bm25", "dense"]


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was found, and why: its BM25 score, its cosine, and the fused score it is ranked by."""

    chunk: int
    bm25: float
    cosine: float
    score: float


_SEARCH: LiteralString = """
WITH query AS MATERIALIZED (
    SELECT * FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS q(term, weight)
),
corpus AS MATERIALIZED (
    SELECT sum(chunks)::float8 AS chunks, sum(terms)::float8 / greatest(sum(chunks), 1) AS average_terms
    FROM access_classes
),
dense_best AS MATERIALIZED (
    SELECT c.id AS chunk FROM chunks c WHERE {scope} AND %(mode)s <> 'bm25'
    ORDER BY {distance} LIMIT {depth}
),
-- A posting's score is idf * f / (f + base + slope * length): what is the same for all of a term is reckoned once.
idf AS MATERIALIZED (
    SELECT term, weight * ln(1 + (corpus.chunks - found + 0.5) / (found + 0.5)) AS idf,
        %(k1)s::float8 * (1 - %(b)s::float8) AS base, %(k1)s::float8 * %(b)s::float8 / average_terms AS slope
    FROM corpus, query q, LATERAL (SELECT sum(chunks)::float8 AS found FROM term_counts t WHERE t.term = q.term) t
    WHERE found > 0 ORDER BY found, term LIMIT %(most_terms)s
),
-- All that the vectors found, with its score by words, and the best by words.
lexical AS MATERIALIZED (
    SELECT chunk, bm25 FROM (
        SELECT chunk, sum(idf * frequency / (frequency + (base + slope * terms))) AS bm25
        FROM idf, LATERAL (SELECT chunk, frequency, terms FROM postings p WHERE p.term = idf.term) p
        {scope_postings} GROUP BY chunk
    ) s ORDER BY chunk IN (SELECT chunk FROM dense_best) DESC, bm25 DESC, chunk LIMIT 2 * {depth}
),
lexical_best AS MATERIALIZED (SELECT chunk FROM lexical ORDER BY bm25 DESC, chunk LIMIT {depth}),
candidates AS (SELECT chunk FROM lexical_best WHERE %(mode)s <> 'dense'
               UNION SELECT chunk FROM dense_best WHERE %(mode)s <> 'bm25'),
scored AS MATERIALIZED (
    SELECT c.id, coalesce(lexical.bm25, 0) AS bm25, -(c.embedding <#> %(vector)s::halfvec) AS cosine
    FROM candidates JOIN chunks c ON c.id = candidates.chunk LEFT JOIN lexical ON lexical.chunk = c.id
),
scaled AS (
    SELECT *,
        coalesce((bm25 - min(bm25) OVER all_) / nullif(max(bm25) OVER all_ - min(bm25) OVER all_, 0), 0)
            AS bm25_scaled,
        coalesce((cosine - min(cosine) OVER all_) / nullif(max(cosine) OVER all_ - min(cosine) OVER all_, 0), 0)
            AS cosine_scaled
    FROM scored WINDOW all_ AS ()
),
ranked AS (
    SELECT id, bm25, cosine, CASE %(mode)s WHEN 'bm25' THEN bm25 WHEN 'dense' THEN cosine
        ELSE %(lexical_weight)s * bm25_scaled + (1 - %(lexical_weight)s) * cosine_scaled END AS score
    FROM scaled ORDER BY score DESC, id LIMIT %(limit)s
)
SELECT id AS chunk, bm25, cosine, score FROM ranked ORDER BY score DESC, id
"""
_INDEXED: LiteralString = "c.embedding <#> %(vector)s::halfvec"
_EXACT: LiteralString = "(c.embedding <#> %(vector)s::halfvec) + 0"  # an expression that no index serves
# A duplicate is found in the document that is searched in its place.
_DOCUMENTS: LiteralString = "SELECT coalesce(d.duplicate_of, d.id) FROM documents d WHERE {documents}"


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
    if mode == "dense":
        weights = {}
    async with scoped(identity) as connection:
        visible = await _visible_chunks(connection, embedder, len(vector))
        await require_known(connection, filters)
        scope = _Scope.of(filters, phrases)
        exact = visible <= EXACT_UP_TO or await scope.is_small(connection)
        cursor = await connection.execute(
            scope.statement(exact, depth),
            scope.values
            | {
                "terms": list(weights),
                "weights": [float(weight) for weight in weights.values()],
                "vector": vector_literal(vector),
                "k1": K1,
                "b": B,
                "lexical_weight": LEXICAL_WEIGHT,
                "most_terms": MOST_TERMS,
                "limit": limit,
                "mode": mode,
            },
        )
        return [Hit(**row) for row in await cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class _Scope:
    """The part of the index that a search is limited to: conditions on documents `d` and on chunks `c`."""

    documents: LiteralString | None
    chunks: LiteralString | None
    values: Values

    @classmethod
    def of(cls, filters: Filters, phrases: Sequence[Phrase]) -> "_Scope":
        documents, values = documents_where(filters)
        chunks, more = phrases_where(phrases)
        return cls(documents if filters else None, chunks if phrases else None, values | more)

    def where(self, *, indexed: bool) -> LiteralString:
        """The condition on a chunk: by the index of documents, or row by row beside the index of vectors."""
        parts: list[LiteralString] = []
        if self.documents is not None:
            documents = _DOCUMENTS.format(documents=self.documents)
            # A test of the row that the planner cannot turn into a join: a join would sort and use no vector index.
            by_row = f"(c.document IN ({documents})) IS TRUE"
            parts.append(by_row if indexed else f"c.document = ANY (ARRAY({documents}))")
        if self.chunks is not None:
            parts.append(self.chunks)
        return " AND ".join(parts) or "true"

    async def is_small(self, connection: Connection) -> bool:
        """Whether so few chunks are left that scanning them is exact and fast."""
        if self.documents is None and self.chunks is None:
            return False
        cursor = await connection.execute(
            f"SELECT count(*) AS n FROM (SELECT FROM chunks c WHERE {self.where(indexed=False)} "  # noqa: S608 - fixed
            "LIMIT %(most)s + 1) c",
            self.values | {"most": EXACT_UP_TO},
        )
        row = await cursor.fetchone()
        return row is not None and row["n"] <= EXACT_UP_TO

    def statement(self, exact: bool, depth: int) -> sql.Composed:
        """The search in this scope; the depth is part of the text, as the planner has to know it."""
        within = self.where(indexed=False)
        postings = "" if within == "true" else f"WHERE chunk IN (SELECT c.id FROM chunks c WHERE {within})"  # noqa: S608
        text: LiteralString = (
            _SEARCH.replace("{scope}", self.where(indexed=not exact))
            .replace("{distance}", _EXACT if exact else _INDEXED)
            .replace("{scope_postings}", postings)
        )
        pieces = [part for piece in text.split("{depth}") for part in (sql.SQL(piece), sql.Literal(depth))]
        return sql.Composed(pieces[:-1])


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
