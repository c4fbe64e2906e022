"""Search over many chunks, as an asker under row-level security: BM25, HNSW, fused, and ranked anew.

    python -m bench.search [--chunks 100000] [--peers-python PEERS/bin/python]

The chunks are those of bench.corpus. "Ranked" is a question's way to 20 passages, as a turn goes it: embedded,
searched, its candidates ranked with the second hop, and read. A question's time is the least of three rounds, as other
jobs on the machine only ever add to it. The peers get what the asker may see, without access rights.
"""

import argparse
import asyncio
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from typing import Any, LiteralString, TypeVar
from unittest.mock import patch

from bench.corpus import ASKER, Query, asked, fill, questions
from bench.search_peers import Found, against
from bench.shown import finish, machine
from evals.database import own_database
from nodes.rerank import MOST_PASSAGES
from state.identity import Identity
from state.passages import Candidate
from state.postgres import search as searching
from state.postgres import words
from state.postgres.pool import Connection, admin
from tools.embed.embedder import embedder
from tools.embed.minilm import NAME
from tools.embed.question import TokenEmbedder, _recent
from tools.rerank.rank import rerank
from tools.retrieval import find

MODES: tuple[searching.Mode, ...] = ("bm25", "dense", "fused")
CLIENTS = 8
WARM = 10
ROUNDS = 3

Times = dict[str, float]
T = TypeVar("T")


async def measure(count: int, queries: int, peers_python: str | None) -> dict[str, Any]:
    """Milliseconds by mode, with and without row-level security, of ranking, of peers; queries/s, recall, sizes."""
    async with own_database():
        await fill(count)
        await _vacuum()
        ready = await asked(queries)
        table: dict[str, Times] = {mode: await _times(mode, ready) for mode in MODES}
        with _by_hand():
            table |= {f"{mode}, classes by hand": await _times(mode, ready) for mode in MODES}
        table |= await _ways(questions(queries))
        rate = await _queries_per_second(ready)
        found: dict[str, Found] = {mode: await _found(mode, ready) for mode in MODES}
        with patch.object(searching, "EXACT_UP_TO", 10**9):
            exact: dict[str, Found] = {mode: await _found(mode, ready) for mode in MODES}
        sizes = await _sizes(count)
        peers = await against(peers_python, count, ready, exact) if peers_python else {}
    return {
        "chunks": count,
        "queries": len(ready),
        "modes": table,
        "hnsw_recall@10": shared(found["dense"], exact["dense"]),
        "fused_recall@10": shared(found["fused"], exact["fused"]),
        "queries_per_second_8_clients": rate,
        "bytes_per_chunk": sizes,
        "peers": peers,
        "machine": machine(),
    }


async def _vacuum() -> None:
    async with admin() as connection:
        await connection.execute("COMMIT")
        await connection.execute("VACUUM (ANALYZE) chunks, documents, postings, term_counts, access_classes")
        await connection.execute("BEGIN")


@contextmanager
def _by_hand() -> Iterator[None]:
    """The same statements as the tables' owner, whom no policy binds, with the asker's classes written into them."""

    @asynccontextmanager
    async def owner(_: Identity) -> AsyncIterator[Connection]:
        async with admin() as connection:
            yield connection

    with ExitStack() as stack:
        for module, name in ((words, "_POSTINGS"), (searching, "_NEAREST"), (searching, "_COSINES")):
            stack.enter_context(patch.object(module, name, _with_classes(getattr(module, name))))
        stack.enter_context(patch.object(searching, "scoped", owner))
        yield


def _with_classes(statement: LiteralString) -> LiteralString:
    for table in ("postings p", "chunks c", "term_counts t"):
        statement = statement.replace(f"FROM {table} WHERE", f"FROM {table} WHERE access IN (1, 2) AND")
    return statement.replace("FROM access_classes", "FROM access_classes WHERE id IN (1, 2)")


async def _ways(texts: Sequence[str]) -> dict[str, Times]:
    """A question's way to its candidates and on to its passages, and of both the embedding alone."""

    async def found(text: str) -> list[Candidate]:
        _recent.clear()
        return await find(ASKER, text)

    async def ranked(text: str) -> None:
        await rerank(ASKER, text, await found(text), MOST_PASSAGES)

    model = await embedder()
    assert isinstance(model, TokenEmbedder)  # noqa: S101 - the default
    ways: dict[str, Callable[[str], Awaitable[object]]] = {
        "embedded": model.embed_question,
        "embedded and found": found,
        "embedded, found and ranked": ranked,
    }
    return {name: await _timed(way, texts) for name, way in ways.items()}


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


async def _top(terms: list[str], vector: list[float], mode: searching.Mode) -> list[searching.Hit]:
    return await searching.search(ASKER, terms, vector, embedder=NAME, limit=10, mode=mode)


async def _times(mode: searching.Mode, ready: Sequence[Query]) -> Times:
    return await _timed(lambda query: _top(*query, mode), ready)


async def _timed(work: Callable[[T], Awaitable[object]], given: Sequence[T]) -> Times:
    for each in given[:WARM]:
        await work(each)
    return _summary([[await _once(work, each) for each in given] for _ in range(ROUNDS)])


async def _once(work: Callable[[T], Awaitable[object]], given: T) -> float:
    started = time.perf_counter()
    await work(given)
    return (time.perf_counter() - started) * 1000


def _summary(rounds: Sequence[Sequence[float]]) -> Times:
    times = [min(each) for each in zip(*rounds, strict=True)]
    return {"p50_ms": statistics.median(times), "p95_ms": statistics.quantiles(times, n=20)[18]}


async def _found(mode: searching.Mode, ready: Sequence[Query]) -> Found:
    return [[hit.chunk for hit in await _top(*query, mode)] for query in ready]


def shared(found: Found, exact: Found) -> float:
    """Of the ten that an exact search finds, the share that was found."""
    hits = Counter(chunk in ours for ours, theirs in zip(found, exact, strict=True) for chunk in theirs)
    return hits[True] / hits.total()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--peers-python", help="an interpreter with what bench/peers.txt lists")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    report = asyncio.run(measure(chosen.chunks, chosen.queries, chosen.peers_python))
    tables = {f"{chosen.chunks} chunks": report["modes"], "Peers": report["peers"]}
    finish(report, chosen.json, {title: rows for title, rows in tables.items() if rows})


if __name__ == "__main__":
    main()
