# mypy: disable-error-code="import-not-found,import-untyped"
"""One search library over the chunks that bench.search_peers wrote, in the interpreter of bench/peers.txt:

    -m bench.peer_search NAME

Vectors have the settings of pgvector's index where a library has one: 16 links, 64 candidates while building, and the
product's 400 while searching. One thread each. No access rights; bm25s gets the product's index terms.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench.answering import answer_lines

LINKS, BUILD, WIDTH = 16, 64, 400
K1, B = 1.2, 0.75
DEPTH, LEXICAL_WEIGHT = 100, 0.4
BATCH = 2_000
ROUNDS = 3

Vectors = NDArray[np.float32]
Search = Callable[[dict[str, Any]], list[int]]


class Data:
    """What was written: rows of chunks, their vectors (n, d), and how to reach Postgres."""

    def __init__(self, given: dict[str, str]) -> None:
        folder = Path(given["folder"])
        self.rows = [json.loads(line) for line in (folder / "chunks.jsonl").open(encoding="utf-8")]
        self.queries = [json.loads(line) for line in (folder / "queries.jsonl").open(encoding="utf-8")]
        for query in self.queries:
            query["vector"] = np.array(query["vector"], np.float32)
        self.vectors: Vectors = np.load(folder / "vectors.npy")
        self.ids = np.array([row["id"] for row in self.rows])
        self.conninfo = given["conninfo"]


def lexical(data: Data) -> Any:
    """bm25s over the product's terms."""
    import bm25s

    model = bm25s.BM25(k1=K1, b=B, method="lucene")
    model.index([row["stems"] for row in data.rows], show_progress=False)
    return model


def known(model: Any, query: dict[str, Any]) -> list[str]:
    """The question's terms that are indexed."""
    return [stem for stem in query["stems"] if stem in model.vocab_dict]


def vectorial(data: Data) -> Callable[[Vectors, int], NDArray[np.int64]]:
    """The nearest rows by hnswlib's inner product."""
    import hnswlib

    index = hnswlib.Index("ip", data.vectors.shape[1])
    index.init_index(len(data.rows), ef_construction=BUILD, M=LINKS)
    index.add_items(data.vectors, num_threads=1)
    index.set_ef(WIDTH)
    return lambda vector, most: index.knn_query(vector[None], most, num_threads=1)[0][0].astype(np.int64)


def bm25s(data: Data) -> Search:
    model = lexical(data)

    def search(query: dict[str, Any]) -> list[int]:
        found, _ = model.retrieve([known(model, query)], k=10, show_progress=False, n_threads=0)
        return [int(key) for key in data.ids[found[0]]]

    return search


def hnswlib(data: Data) -> Search:
    search = vectorial(data)
    return lambda query: [int(key) for key in data.ids[search(query["vector"], 10)]]


def both(data: Data) -> Search:
    """As the product fuses: a hundred rows of each side, all scored by both, each scaled to 0-1."""
    model, nearest = lexical(data), vectorial(data)

    def search(query: dict[str, Any]) -> list[int]:
        words = model.get_scores(known(model, query))
        best = np.argpartition(-words, DEPTH)[:DEPTH]
        rows = np.union1d(best, nearest(query["vector"], DEPTH))
        cosines = data.vectors[rows] @ query["vector"]
        total = LEXICAL_WEIGHT * scaled(words[rows]) + (1 - LEXICAL_WEIGHT) * scaled(cosines)
        return [int(key) for key in data.ids[rows[np.argsort(-total)[:10]]]]

    return search


def scaled(values: Vectors) -> Vectors:
    """From 0 for the least to 1 for the most."""
    found: Vectors = (values - values.min()) / (np.ptp(values) or 1)
    return found


def qdrant(data: Data) -> Search:
    """Its local mode, which has no index: an exact scan in numpy."""
    from qdrant_client import QdrantClient, models

    client, size = QdrantClient(":memory:"), data.vectors.shape[1]
    client.create_collection("bench", models.VectorParams(size=size, distance=models.Distance.DOT))
    for first in range(0, len(data.rows), BATCH):
        part = slice(first, first + BATCH)
        batch = models.Batch(ids=data.ids[part].tolist(), vectors=data.vectors[part].tolist())
        client.upsert("bench", batch)
    return lambda query: [
        int(point.id)
        for point in client.query_points("bench", query=query["vector"].tolist(), limit=10).points
    ]


def add(store: Any, data: Data) -> None:
    """Store all rows by the store's own `add`."""
    from llama_index.core.schema import TextNode

    for first in range(0, len(data.rows), BATCH):
        rows, vectors = data.rows[first : first + BATCH], data.vectors[first : first + BATCH].tolist()
        pairs = zip(rows, vectors, strict=True)
        store.add([TextNode(id_=str(row["id"]), text=row["text"], embedding=vector) for row, vector in pairs])


def llama_index(mode: str) -> Callable[[Data], Search]:
    """Its Postgres store: `hybrid` fills it, and joins ten by HNSW and ten by ts_rank; `dense` comes after."""

    def make(data: Data) -> Search:
        from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode
        from llama_index.vector_stores.postgres import PGVectorStore

        url = address(data.conninfo)
        options = {"table_name": "bench", "embed_dim": data.vectors.shape[1], "hybrid_search": True}
        strings = {
            "connection_string": f"postgresql+psycopg2{url}",
            "async_connection_string": f"postgresql+asyncpg{url}",
        }
        plain = PGVectorStore.from_params(**strings, **options, use_halfvec=True)
        if mode == "hybrid":
            add(plain, data)
        index = {
            "hnsw_m": LINKS,
            "hnsw_ef_construction": BUILD,
            "hnsw_ef_search": WIDTH,
            "hnsw_dist_method": "halfvec_cosine_ops",
        }
        store = PGVectorStore.from_params(**strings, **options, use_halfvec=True, hnsw_kwargs=index)
        wanted = VectorStoreQueryMode.HYBRID if mode == "hybrid" else VectorStoreQueryMode.DEFAULT

        def search(query: dict[str, Any]) -> list[int]:
            asked = VectorStoreQuery(
                query_embedding=query["vector"].tolist(),
                query_str=query["text"],
                similarity_top_k=10,
                mode=wanted,
            )
            return [int(key) for key in store.query(asked).ids or ()]

        search({"vector": data.vectors[0], "text": "rule"})  # makes the index
        return search

    return make


def address(conninfo: str) -> str:
    """The URL, from "://" on, of a libpq connection string of words without blanks."""
    parts = dict(part.split("=", 1) for part in conninfo.split())
    return f"://{parts['user']}@/{parts['dbname']}?host={parts['host']}&port={parts['port']}"


PEERS: dict[str, Callable[[Data], Search]] = {
    "bm25s": bm25s,
    "hnswlib": hnswlib,
    "bm25s + hnswlib": both,
    "qdrant local": qdrant,
    "llama-index postgres hybrid": llama_index("hybrid"),
    "llama-index postgres dense": llama_index("dense"),
}


def measured(name: str, given: dict[str, str]) -> dict[str, Any]:
    """Milliseconds of the queries, the least of three rounds each, what each found, and seconds to build."""
    data = Data(given)
    started = time.perf_counter()
    search = PEERS[name](data)
    build_seconds = time.perf_counter() - started
    found = [search(query) for query in data.queries]
    rounds = [[once(search, query) for query in data.queries] for _ in range(ROUNDS)]
    times = [min(each) for each in zip(*rounds, strict=True)]
    return {
        "p50_ms": statistics.median(times),
        "p95_ms": statistics.quantiles(times, n=20)[18],
        "build_seconds": build_seconds,
        "found": found,
    }


def once(search: Search, query: dict[str, Any]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    search(query)
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Answer until standard input ends."""
    answer_lines(lambda given: measured(sys.argv[1], given))


if __name__ == "__main__":
    main()
