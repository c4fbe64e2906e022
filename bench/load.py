"""Loading chunks with given vectors by the product's own store path, beside COPY into a plain pgvector table.

    python -m bench.load [--chunks 100000]

The product also writes documents, the postings of BM25, sentence vectors, access classes, and checks every row against
row-level security; its indexes are there from the start. The plain table has the text and a vector of the same width;
it is loaded both with its HNSW index in place, and without any.
"""

import argparse
import asyncio
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from rich.progress import Progress

from bench.pages import page
from bench.shown import bar, finish, machine
from evals.database import own_database
from state.identity import Identity
from state.postgres import collections, files, ingest_runs
from state.postgres.chunks import ChunkRow, vector_literal
from state.postgres.documents import DocumentRow, FileRow, store
from state.postgres.files import Planned
from state.postgres.index_settings import claim
from state.postgres.pool import admin
from tools.analyse import terms
from tools.embed.token_codes import CODE
from tools.rerank.stems import pack_stems
from tools.sentence_vectors import pack

WIDTH = 384
TOPICS = 500
OF_DOCUMENT = 20
BATCH = 16
"""Files in one transaction, as in the ingest machine."""
SENTENCES = 8
TOKENS = 110
ASKER = Identity("bench", "bench")
SIZES = """
    SELECT relname AS name, pg_table_size(oid) AS data, pg_indexes_size(oid) AS indexes FROM pg_class
    WHERE relname = ANY (%s)
"""


def rows(count: int) -> Iterator[ChunkRow]:
    """Chunks of about 200 words; their vectors lie about centres, as those of real texts do."""
    chance = np.random.default_rng(0)
    centres = chance.normal(size=(TOPICS, WIDTH)).astype(np.float32)
    for number in range(count):
        made = centres[number % TOPICS] + chance.normal(0, 0.7, (1 + SENTENCES, WIDTH)).astype(np.float32)
        made /= np.linalg.norm(made, axis=1, keepdims=True)
        text = page(number)
        stems = terms(text)
        yield ChunkRow(
            start=0,
            end=len(text),
            read=(0, len(text)),
            page=None,
            headings=("Rules",),
            text=text,
            context="",
            counts=Counter(stems),
            embedding=made[0].tolist(),
            span_vectors=pack(made[1:]),
            digest=number.to_bytes(16, "big"),
            token_codes=chance.bytes(TOKENS * CODE),
            stems=pack_stems(stems),
        )


async def load_ours(count: int, progress: Progress) -> dict[str, Any]:
    """Seconds in the store path; making the rows is not counted, queueing the files is."""
    made, seconds = rows(count), 0.0
    task = progress.add_task("Storing", total=count)
    async with admin() as connection:
        await claim(connection, "bench", WIDTH)
    collection, run = await collections.ensure(ASKER, "bench"), await ingest_runs.new(ASKER)
    documents = [min(OF_DOCUMENT, count - first) for first in range(0, count, OF_DOCUMENT)]
    for first in range(0, len(documents), BATCH):
        batch = [[next(made) for _ in range(size)] for size in documents[first : first + BATCH]]
        started = time.perf_counter()
        names = [f"/bench/{first + number}" for number in range(len(batch))]
        await files.queue(ASKER, collection.id, run, [Planned(name, name, (), None) for name in names])
        numbers = {row["uri"]: row["id"] for row in await files.pending(ASKER, run, BATCH)}
        await store(ASKER, [_file(numbers[name], name, its) for name, its in zip(names, batch, strict=True)])
        seconds += time.perf_counter() - started
        progress.advance(task, sum(map(len, batch)))
    return {"seconds": seconds, **await _sizes(count, ["chunks", "postings", "documents", "files"])}


def _file(number: int, name: str, chunks: Sequence[ChunkRow]) -> FileRow:
    text = "\n\n".join(chunk.text for chunk in chunks)
    row = DocumentRow("", name, name, name, "text/markdown", text, b"\0" * 32, chunks=chunks)
    return FileRow(number, None, b"\0" * 32, "structure", [row])


async def load_plain(count: int, progress: Progress, *, indexed: bool) -> dict[str, Any]:
    """COPY of text and vector, 2,000 rows at a time."""
    made, seconds = rows(count), 0.0
    task = progress.add_task("Copying" + (", indexed" if indexed else ""), total=count)
    async with admin() as connection:
        await connection.execute("DROP TABLE IF EXISTS plain")
        await connection.execute(
            "CREATE TABLE plain (id bigint PRIMARY KEY, text text, embedding halfvec(384))"
        )
        if indexed:
            await connection.execute("CREATE INDEX ON plain USING hnsw (embedding halfvec_ip_ops)")
    for first in range(0, count, 2000):
        batch = [next(made) for _ in range(min(2000, count - first))]
        started = time.perf_counter()
        async with (
            admin() as connection,
            connection.cursor() as cursor,
            cursor.copy("COPY plain FROM STDIN") as copy,
        ):
            for number, row in enumerate(batch, first):
                await copy.write_row((number, row.text, vector_literal(row.embedding)))
        seconds += time.perf_counter() - started
        progress.advance(task, len(batch))
    return {"seconds": seconds, **await _sizes(count, ["plain"])}


async def _sizes(count: int, tables: list[str]) -> dict[str, Any]:
    async with admin() as connection:
        found = await (await connection.execute(SIZES, (tables,))).fetchall()
    data, indexes = (sum(row[part] for row in found) / count for part in ("data", "indexes"))
    parts = {row["name"]: round((row["data"] + row["indexes"]) / count) for row in found}
    return {"bytes_per_chunk": data + indexes, "of_data": data, "of_indexes": indexes, "of_tables": parts}


async def measure(count: int, plain: Sequence[str]) -> dict[str, Any]:
    """The three loads, each in a new database."""
    table: dict[str, dict[str, Any]] = {}
    with bar() as progress:
        async with own_database():
            table["kairos"] = await load_ours(count, progress)
        async with own_database():
            for name in plain:
                table[name] = await load_plain(count, progress, indexed=name == "COPY, HNSW index")
    for row in table.values():
        row["chunks_per_second"] = count / row["seconds"]
    text = sum(len(page(number)) for number in random.Random(0).sample(range(count), min(count, 200)))  # noqa: S311
    return {
        "chunks": count,
        "characters_per_chunk": text / min(count, 200),
        "loads": table,
        "machine": machine(),
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--no-plain", action="store_true", help="only the product's path")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    plain = [] if chosen.no_plain else ["COPY, HNSW index", "COPY, no index"]
    report = asyncio.run(measure(chosen.chunks, plain))
    finish(
        report,
        chosen.json,
        {f"{chosen.chunks} chunks of {report['characters_per_chunk']:.0f} characters": report["loads"]},
    )


if __name__ == "__main__":
    main()
