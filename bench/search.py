"""Search over many chunks: BM25, HNSW and fused, as an asker under row-level security.

python -m bench.search [--chunks 100000]

The chunks are synthetic but realistic: each recombines 8 sentences of the sample handbook, with a made-up number in
one of them; its vector is the normed mean of its sentences' real vectors, weighted by their lengths.
"""

import argparse
import asyncio
import random
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from psycopg import AsyncConnection
from psycopg.rows import DictRow
from rich.progress import track

from bench.handbook import FOLDER
from bench.shown import finish, machine
from evals.database import own_database
from evals.formats import load_qa
from state.identity import Identity
from state.postgres import search as searching
from state.postgres.chunks import vector_literal
from state.postgres.pool import admin
from tools.analyse import term_counts, terms
from tools.embed.embedder import embedder
from tools.parse.parsers import parse
from tools.sentences import sentence_spans

SENTENCES = 8
BATCH = 2_000
ASKER = Identity("bench", "bench", ("staff",))
CLASSES: tuple[tuple[str, list[str]], ...] = (
    ("bench", []),
    ("bench", ["staff"]),
    ("bench", ["board"]),
    ("other", []),
)
SHARES = (0.80, 0.10, 0.05, 0.05)
"""Of the chunks that are the whole tenant's, the asker's group's, another group's, and another tenant's."""
NAME = "all-MiniLM-L6-v2"
MODES: tuple[searching.Mode, ...] = ("bm25", "dense", "fused")

Vectors = NDArray[np.float32]
Query = tuple[list[str], list[float]]
CLIENTS = 8


async def sentences() -> tuple[list[str], Vectors]:
    """The distinct sentences of the handbook with their vectors."""
    found: dict[str, None] = {}
    for document in load_qa(FOLDER).documents:
        if document.path:
            with open(document.path, "rb") as file:  # noqa: ASYNC230 - a bench, before the clock starts
                text = parse(document.path, file.read()).text
            found |= dict.fromkeys(text[start:end] for start, end in sentence_spans(text) if end - start > 30)
    texts = list(found)
    return texts, await (await embedder()).embed(texts)


def chunks(texts: Sequence[str], vectors: Vectors, count: int) -> Iterator[tuple[str, Vectors]]:
    """Texts and vectors, the same for the same arguments."""
    chance = random.Random(0)  # noqa: S311 - repeatable data
    lengths = np.array([len(text) for text in texts], np.float32)
    for _ in range(count):
        chosen = chance.sample(range(len(texts)), SENTENCES)
        mean = (vectors[chosen] * lengths[chosen, None]).sum(axis=0)
        noise = np.random.default_rng(chance.getrandbits(32)).normal(0, 0.01, mean.shape).astype(np.float32)
        unit = mean / np.linalg.norm(mean) + noise
        text = " ".join(texts[i] for i in chosen) + f" Reference {chance.randrange(10**6)}."
        yield text, unit / np.linalg.norm(unit)


async def fill(count: int) -> None:
    """Load the chunks as the tables' owner; the vector index is built at the end."""
    texts, vectors = await sentences()
    made = chunks(texts, vectors, count)
    chance = random.Random(1)  # noqa: S311 - repeatable data
    async with admin() as connection:
        await connection.execute("DROP INDEX chunks_embedding")
        for tenant, groups in CLASSES:
            await connection.execute(
                "INSERT INTO access_classes (tenant, groups) VALUES (%s, %s)", (tenant, groups)
            )
        await connection.execute(
            "WITH c AS (INSERT INTO collections (tenant, name) VALUES ('bench', 'default') RETURNING id), "
            "f AS (INSERT INTO files (tenant, collection, uri, path, access, status) "
            "SELECT 'bench', id, 'bench:/1', '1', 1, 'stored' FROM c RETURNING id, collection) "
            "INSERT INTO documents (tenant, access, collection, file, uri, path, title, media_type, text, "
            "content_hash) SELECT 'bench', 1, collection, id, 'bench:/1', '1', 'Bench', 'text/plain', '', '' FROM f"
        )
        await connection.execute(
            "INSERT INTO index_settings (embedder, dimensions) VALUES (%s, 384)", (NAME,)
        )
        for first in track(range(0, count, BATCH), "Loading"):
            rows = [next(made) for _ in range(min(BATCH, count - first))]
            classes = chance.choices(range(1, len(CLASSES) + 1), SHARES, k=len(rows))
            await _copy(connection, first + 1, rows, classes)
        await connection.execute(
            "UPDATE access_classes a SET chunks = s.n, terms = s.t FROM (SELECT access, count(*) AS n, "
            "sum(terms) AS t FROM chunks GROUP BY access) s WHERE s.access = a.id"
        )
        await connection.execute(
            "INSERT INTO term_counts (access, term, chunks) "
            "SELECT access, term, count(*) FROM postings GROUP BY access, term"
        )
        await connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        await connection.execute(
            "CREATE INDEX chunks_embedding ON chunks USING hnsw (embedding halfvec_ip_ops)"
        )


async def _copy(
    connection: AsyncConnection[DictRow],
    first: int,
    rows: Sequence[tuple[str, Vectors]],
    classes: Sequence[int],
) -> None:
    counts = [term_counts(text) for text, _ in rows]
    statement = (
        "COPY chunks (id, access, document, ordinal, start_at, end_at, read_start, read_end, headings, text, "
        "terms, embedding, span_vectors) FROM STDIN"
    )
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for i, (text, vector) in enumerate(rows):
            length, key = sum(counts[i].values()), first + i
            place = [key, classes[i], 1, key, 0, len(text), 0, len(text), "{}"]
            await copy.write_row([*place, text, length, vector_literal(vector.tolist()), b""])
    async with (
        connection.cursor() as cursor,
        cursor.copy("COPY postings (access, term, chunk, frequency, terms) FROM STDIN") as copy,
    ):
        for i, count in enumerate(counts):
            length = sum(count.values())
            for term, frequency in count.items():
                await copy.write_row((classes[i], term, first + i, frequency, length))


async def measure(count: int, queries: int) -> dict[str, Any]:
    """Milliseconds by mode, with and without row-level security, queries/s, and recall@10 of HNSW against a scan."""
    async with own_database():
        await fill(count)
        async with admin() as connection:
            await connection.execute("COMMIT")
            await connection.execute("VACUUM (ANALYZE) chunks, postings, term_counts, access_classes")
            await connection.execute("BEGIN")
        ready = await asked(queries)
        table: dict[str, dict[str, float]] = {mode: await _times(mode, ready) for mode in MODES}
        with _by_hand():
            table |= {f"{mode}, classes by hand": await _times(mode, ready) for mode in MODES}
        rate = await _queries_per_second(ready)
        recall = await _recall(ready)
        sizes = await _sizes(count)
    return {
        "chunks": count,
        "queries": len(ready),
        "modes": table,
        "hnsw_recall@10": recall,
        "queries_per_second_8_clients": rate,
        "bytes_per_chunk": sizes,
        "machine": machine(),
    }


async def asked(queries: int) -> list[Query]:
    """The handbook's questions as index terms and vectors."""
    model = await embedder()
    texts = [question.question for question in load_qa(FOLDER).questions][:queries]
    return [(terms(text), (await model.embed_query(text)).tolist()) for text in texts]


@contextmanager
def _by_hand() -> Iterator[None]:
    """The same statement as the tables' owner, whom no policy binds, with the asker's classes written into it."""
    statement = searching._SEARCH.replace("FROM access_classes", "FROM access_classes WHERE id IN (1, 2)")
    for table in ("postings p", "chunks c", "term_counts t"):
        statement = statement.replace(f"FROM {table} WHERE", f"FROM {table} WHERE access IN (1, 2) AND")

    @asynccontextmanager
    async def owner(_: Identity) -> AsyncIterator[AsyncConnection[DictRow]]:
        async with admin() as connection:
            yield connection

    with patch.object(searching, "_SEARCH", statement), patch.object(searching, "scoped", owner):
        yield


async def _queries_per_second(ready: Sequence[Query]) -> float:
    waiting = iter([*ready, *ready])

    async def client() -> None:
        for query in waiting:
            await _top(*query, "fused")

    started = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    return 2 * len(ready) / (time.perf_counter() - started)


async def _sizes(count: int) -> dict[str, float]:
    tables = ["postings", "term_counts", "chunks"]
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT name, pg_total_relation_size(name::regclass) AS n FROM unnest(%s::text[]) AS given(name)",
            ([*tables, "chunks_embedding"],),
        )
        return {row["name"]: row["n"] / count for row in await cursor.fetchall()}


async def _top(words: list[str], vector: list[float], mode: searching.Mode) -> list[searching.Hit]:
    return await searching.search(ASKER, words, vector, embedder=NAME, limit=10, mode=mode)


async def _times(mode: searching.Mode, ready: Sequence[Query]) -> dict[str, float]:
    times = []
    for index, query in enumerate([*ready[:10], *ready]):
        start = time.perf_counter()
        await _top(*query, mode)
        if index >= 10:
            times.append((time.perf_counter() - start) * 1000)
    return {"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18]}


async def _recall(ready: Sequence[Query]) -> float:
    found: Counter[bool] = Counter()
    for query in ready:
        near = {hit.chunk for hit in await _top(*query, "dense")}
        with patch.object(searching, "EXACT_UP_TO", 10**9):
            found.update(hit.chunk in near for hit in await _top(*query, "dense"))
    return found[True] / found.total()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    report = asyncio.run(measure(arguments.chunks, arguments.queries))
    finish(report, arguments.json, {f"{arguments.chunks} chunks": report["modes"]})


if __name__ == "__main__":
    main()
