"""Hybrid search in one statement: exact BM25 and vector candidates, fused, over one snapshot.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf of Lucene; corpus statistics
are those of the chunks that the asker may see, so scores tell nothing about the others.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, LiteralString

from state.identity import Identity
from state.postgres.chunks import vector_literal
from state.postgres.index_settings import require
from state.postgres.pool import Connection, scoped

K1 = 1.2
B = 0.75
EXACT_UP_TO = 5_000
"""Below so many visible chunks a scan is as fast as the HNSW index, and exact."""

LEXICAL_WEIGHT = 0.4
HNSW_EF_SEARCH = 400
RARE = 5_000
"""Postings of the rarest terms that are scored first. If the depth-th best of these scores is at least what all
other terms could add, no chunk without a rare term can be among the best (MaxScore, Turtle and Flood 1995)."""

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
    SELECT id AS chunk FROM chunks {scope_chunks} ORDER BY {distance} LIMIT %(depth)s
),
counts AS MATERIALIZED (
    SELECT term, weight, found FROM query q, LATERAL (
        SELECT count(*) AS found FROM postings p WHERE p.term = q.term
    ) c WHERE found > 0
),
idf AS MATERIALIZED (
    SELECT term, weight * ln(1 + (corpus.chunks - found + 0.5) / (found + 0.5)) AS idf,
        sum(found) OVER (ORDER BY found, term) - found < %(rare)s AS rare
    FROM counts, corpus
),
of_rare AS MATERIALIZED (
    SELECT chunk, sum(idf * frequency / (frequency + %(k1)s * (1 - %(b)s + %(b)s * terms / average_terms))) AS bm25
    FROM corpus, idf, LATERAL (SELECT chunk, frequency, terms FROM postings p WHERE p.term = idf.term) p
    WHERE rare {scope_postings} GROUP BY chunk
),
bound AS MATERIALIZED (
    SELECT coalesce((SELECT bm25 FROM of_rare ORDER BY bm25 DESC OFFSET %(depth)s - 1 LIMIT 1), 0)
        >= coalesce((SELECT sum(idf) FROM idf WHERE NOT rare), 0) AS enough
),
of_frequent AS MATERIALIZED (
    SELECT chunk, sum(idf * frequency / (frequency + %(k1)s * (1 - %(b)s + %(b)s * terms / average_terms))) AS bm25
    FROM corpus, idf, LATERAL (SELECT chunk, frequency, terms FROM postings p WHERE p.term = idf.term) p
    WHERE NOT rare AND (NOT (SELECT enough FROM bound)
        OR chunk IN (SELECT chunk FROM of_rare UNION ALL SELECT chunk FROM dense_best)) {scope_postings}
    GROUP BY chunk
),
lexical AS MATERIALIZED (
    SELECT chunk, coalesce(r.bm25, 0) + coalesce(f.bm25, 0) AS bm25
    FROM of_rare r FULL JOIN of_frequent f USING (chunk)
),
lexical_best AS MATERIALIZED (SELECT chunk FROM lexical ORDER BY bm25 DESC, chunk LIMIT %(depth)s),
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
_INDEXED: LiteralString = "embedding <#> %(vector)s::halfvec"
_EXACT: LiteralString = "(embedding <#> %(vector)s::halfvec) + 0"  # an expression that no index serves
# A duplicate is found in the document that is searched in its place.
_SCOPE_CHUNKS: LiteralString = """
    WHERE document = ANY (ARRAY(SELECT coalesce(duplicate_of, id) FROM documents WHERE id = ANY (%(documents)s)))
"""
_SCOPE_POSTINGS: LiteralString = f"AND chunk IN (SELECT id FROM chunks {_SCOPE_CHUNKS})"  # noqa: S608 - fixed text


async def search(
    identity: Identity,
    terms: Sequence[str] | Mapping[str, float],
    vector: Sequence[float],
    *,
    embedder: str,
    limit: int,
    mode: Mode = "fused",
    depth: int = 100,
    documents: Sequence[int] | None = None,
) -> list[Hit]:
    """The best chunks that the asker may see, best first.

    `terms` are the query's index terms as they occur, or with their weights; `vector` is its embedding of unit
    length by the model `embedder`; `depth` candidates come from each side; `documents` limits the search to those ids.
    Raises KairosError `embedder_changed` when the index holds vectors of another model.
    """
    weights: Mapping[str, float] = terms if isinstance(terms, Mapping) else Counter(terms)
    if mode == "dense":
        weights = {}
    async with scoped(identity) as connection:
        visible = await _visible_chunks(connection, embedder, len(vector))
        exact = documents is not None or visible <= EXACT_UP_TO
        statement = _SEARCH.format(
            distance=_EXACT if exact else _INDEXED,
            scope_postings=_SCOPE_POSTINGS if documents is not None else "",
            scope_chunks=_SCOPE_CHUNKS if documents is not None else "",
        )
        cursor = await connection.execute(
            statement,
            {
                "terms": list(weights),
                "weights": [float(weight) for weight in weights.values()],
                "vector": vector_literal(vector),
                "k1": K1,
                "b": B,
                "lexical_weight": LEXICAL_WEIGHT,
                "depth": depth,
                "rare": RARE,
                "limit": limit,
                "mode": mode,
                "documents": list(documents or ()),
            },
        )
        return [Hit(**row) for row in await cursor.fetchall()]


async def _visible_chunks(connection: Connection, embedder: str, dimensions: int) -> int:
    """How many chunks the asker may see; checks the model and sets up the HNSW search in the same round trip."""
    cursor = await connection.execute(
        "SELECT coalesce(sum(chunks), 0) AS chunks, set_config('hnsw.ef_search', %s, true), "
        "set_config('hnsw.iterative_scan', 'strict_order', true), max(s.embedder) AS embedder, "
        "max(s.dimensions) AS dimensions FROM access_classes LEFT JOIN index_settings s ON true",
        (str(HNSW_EF_SEARCH),),
    )
    row = await cursor.fetchone()
    if row is None or row["embedder"] is None:
        return 0
    require(embedder, dimensions, row["embedder"], row["dimensions"])
    return int(row["chunks"])
