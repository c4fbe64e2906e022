"""Exact BM25: Postgres reads the postings of the question's words, numpy adds up their scores.

Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), with the idf of Lucene; corpus statistics
are those of the chunks that the asker may see, so scores tell nothing about the others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any, LiteralString

import numpy as np
from numpy.typing import NDArray
from psycopg.abc import Buffer
from psycopg.adapt import Loader
from psycopg.pq import Format

from state.postgres.pool import Connection
from state.postgres.scope import Scope

K1 = 1.2
B = 0.75

MOST_TERMS = 64
"""Of a longer query the rarest count: more words make a query slower and hardly better."""

# A posting as one number, for an array of these costs little to make and to send: 32 bits of the chunk (an error
# beyond), 16 of its length (longer ones count as 65,535 terms), 15 of the frequency.
_POSTINGS: LiteralString = """
WITH query AS MATERIALIZED (
    SELECT * FROM unnest(%(terms)s::text[], %(weights)s::float8[]) AS q(term, weight)
),
corpus AS MATERIALIZED (SELECT sum(chunks)::float8 AS chunks, sum(terms)::float8 AS terms FROM access_classes),
known AS MATERIALIZED (
    SELECT term, weight, found
    FROM query q, LATERAL (SELECT sum(chunks)::float8 AS found FROM term_counts t WHERE t.term = q.term) t
    WHERE found > 0 ORDER BY found, term LIMIT %(most_terms)s
)
SELECT corpus.chunks, corpus.terms, weight, found, packed FROM corpus, known, LATERAL (
    SELECT array_agg(chunk * 2147483648 + (least(p.terms, 65535) * 32768::bigint + frequency)) AS packed
    FROM postings p WHERE p.term = known.term AND {scope}
) p WHERE packed IS NOT NULL
"""
_INT8_ARRAY = 1016
_HEADER = 20
_ELEMENT = np.dtype([("size", ">i4"), ("value", ">i8")])

Ids = NDArray[np.int64]
Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """All chunks that hold a word of the question (n,), in ascending order, and their scores (n,)."""

    chunks: Ids
    scores: Scores

    def best(self, most: int) -> dict[int, float]:
        """The best chunks with their scores; of equals those with the least ids."""
        if len(self.chunks) > most:
            least = np.partition(self.scores, -most)[-most]
            kept = np.flatnonzero(self.scores >= least)
        else:
            kept = np.arange(len(self.chunks))
        order = kept[np.argsort(-self.scores[kept], kind="stable")][:most]
        return dict(zip(self.chunks[order].tolist(), self.scores[order].tolist(), strict=True))

    def of(self, chunks: Sequence[int]) -> dict[int, float]:
        """The scores of these chunks, 0 for one that holds no word."""
        wanted = np.array(chunks, np.int64)
        at = np.searchsorted(self.chunks, wanted)
        inside = at < len(self.chunks)
        inside[inside] = self.chunks[at[inside]] == wanted[inside]
        found = np.zeros(len(wanted))
        found[inside] = self.scores[at[inside]]
        return dict(zip(chunks, found.tolist(), strict=True))


async def score(connection: Connection, weights: Mapping[str, float], scope: Scope, *, small: bool) -> Scored:
    """The scores of terms with their weights, over what the connection's asker may see.

    small: the scope holds few chunks.
    """
    cursor = connection.cursor(binary=True)
    cursor.adapters.register_loader(_INT8_ARRAY, _Raw)
    await cursor.execute(
        _POSTINGS.replace("{scope}", scope.postings(small=small)),
        scope.values
        | {
            "terms": list(weights),
            "weights": [float(weight) for weight in weights.values()],
            "most_terms": MOST_TERMS,
        },
    )
    return added([_points(row) for row in await cursor.fetchall()])


def added(points: Sequence[tuple[Ids, Scores]]) -> Scored:
    """The sums of what each term gives its chunks."""
    if not points:
        return Scored(np.zeros(0, np.int64), np.zeros(0))
    chunks, scores = (np.concatenate(parts) for parts in zip(*points, strict=True))
    order = np.argsort(chunks, kind="stable")  # a merge: each term's chunks are in order
    chunks, scores = chunks[order], scores[order]
    first = np.flatnonzero(np.diff(chunks, prepend=-1))
    return Scored(chunks[first], np.add.reduceat(scores, first))


def _points(row: Mapping[str, Any]) -> tuple[Ids, Scores]:
    packed = np.frombuffer(row["packed"], _ELEMENT, offset=_HEADER)["value"].astype(np.int64)
    frequency, length = packed & 0x7FFF, packed >> 15 & 0xFFFF
    idf = row["weight"] * log(1 + (row["chunks"] - row["found"] + 0.5) / (row["found"] + 0.5))
    average = row["terms"] / row["chunks"]
    return packed >> 31, idf * frequency / (frequency + (K1 * (1 - B) + K1 * B / average * length))


class _Raw(Loader):
    """An array as Postgres sends it: a header, then each element after its size."""

    format = Format.BINARY

    def load(self, data: Buffer) -> bytes:
        return bytes(data)
