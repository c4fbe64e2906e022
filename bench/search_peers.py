"""Other ways to search the same chunks with the same questions, in the interpreter of bench/peers.txt."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from bench.corpus import VISIBLE, Query, chunks, questions, sentences
from bench.programs import Program
from bench.shown import bar
from state.postgres.pool import conninfo

PEERS = {
    "bm25s": "bm25",
    "hnswlib": "dense",
    "bm25s + hnswlib": "fused",
    "qdrant local": "dense",
    "llama-index postgres hybrid": "fused",
    "llama-index postgres dense": "dense",
}
"""Each with the search of ours that does the same."""
PATIENCE_S = 1800.0

Found = list[list[int]]


async def against(
    peers_python: str, count: int, ready: Sequence[Query], exact: Mapping[str, Found]
) -> dict[str, dict[str, Any]]:
    """For each peer: milliseconds a question, the share it found of what our exact search finds, building, memory."""
    table: dict[str, dict[str, Any]] = {}
    with TemporaryDirectory() as folder, bar() as progress:
        await _write(Path(folder), count, ready)
        given = {"folder": folder, "conninfo": await conninfo()}
        for name, mode in progress.track(PEERS.items(), description="Peers"):
            answer = _ask(peers_python, name, given)
            found = answer.pop("found", None)
            table[name] = answer | ({"recall@10": _shared(found, exact[mode])} if found else {})
    return table


def _ask(peers_python: str, name: str, given: dict[str, str]) -> dict[str, Any]:
    program = Program([peers_python, "-m", "bench.peer_search", name], PATIENCE_S, 16_384)
    try:
        answer = program.ask(given)
    finally:
        program.stop()
    if failure := answer.get("error") or answer.get("died"):
        return {"failed": failure}
    del answer["seconds"]
    return answer | {"peak_mb": program.peak_mb}


async def _write(folder: Path, count: int, ready: Sequence[Query]) -> None:
    """chunks.jsonl, vectors.npy and queries.jsonl of what the asker may see."""
    vectors = []
    with (folder / "chunks.jsonl").open("w", encoding="utf-8") as file:
        for chunk in chunks(await sentences(), count):
            if chunk.access in VISIBLE:
                row = {"id": chunk.id, "text": chunk.text, "stems": chunk.stems}
                file.write(json.dumps(row) + "\n")
                vectors.append(chunk.vector)
    np.save(folder / "vectors.npy", np.array(vectors, np.float32))
    with (folder / "queries.jsonl").open("w", encoding="utf-8") as file:
        for text, (stems, vector) in zip(questions(len(ready)), ready, strict=True):
            file.write(json.dumps({"text": text, "stems": stems, "vector": vector}) + "\n")


def _shared(found: Found, exact: Found) -> float:
    hits = [chunk in theirs for theirs, ours in zip(found, exact, strict=True) for chunk in ours]
    return sum(hits) / len(hits)
