"""Kairos' ingest machine on a folder, from files to searchable rows in Postgres: the "kairos" of bench.pipelines."""

import asyncio
import os
import tempfile
import threading
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.answering import answer_lines
from bench.programs import tree_mb

EVERY_S = 0.2


async def build(folder: str) -> dict[str, Any]:
    """Ingest a folder in a database of its own; what the embedder took of it."""
    from app.ingestion import ingestion
    from app.local import configure
    from bench.ingest import Busy
    from evals.database import own_database
    from state.identity import Identity
    from state.postgres.pool import open_pool
    from tools.embed.minilm import Minilm

    busy, sizes = Busy(), list[int]()
    embed, tokenize = Minilm.embed_with_spans, Minilm._tokenize

    async def timed(self: Minilm, *arguments: Any) -> Any:
        with busy:
            return await embed(self, *arguments)

    def counted(self: Minilm, texts: Any) -> Any:
        encodings = tokenize(self, texts)
        sizes.extend(len(encoding.ids) for encoding in encodings)
        cut.extend(len(part.ids) for encoding in encodings for part in encoding.overflowing)
        return encodings

    cut: list[int] = []
    async with own_database():
        await open_pool()
        asker = Identity("bench", "bench", local=True)
        with patch.object(Minilm, "embed_with_spans", timed), patch.object(Minilm, "_tokenize", counted):
            started = time.perf_counter()
            async for mode, event in ingestion(asker, {"paths": [folder]}, configure(asker)):
                if mode == "values":
                    state = event
            seconds = time.perf_counter() - started
    report = state["report"]
    return {
        "seconds": seconds,
        "documents": report["added"],
        "failed": report["failed"],
        "chunks": report["chunks"],
        "embedder_seconds": busy.seconds,
        "tokens": sum(sizes),
        "tokens_cut": sum(cut),
    }


class ServerMemory:
    """The largest share of memory that the embedded Postgres took, in MB; a shared page counts once."""

    def __init__(self, home: Path) -> None:
        self.peak_mb = 0.0
        self._pid_file = home / "postgres" / "data" / "postmaster.pid"
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            time.sleep(EVERY_S)
            try:
                pid = int(self._pid_file.read_text().split("\n", 1)[0])
            except (OSError, ValueError):
                continue
            self.peak_mb = max(self.peak_mb, tree_mb(pid, shared_once=True))


async def _load() -> None:
    from tools.embed.embedder import embedder

    await (await embedder()).embed(["warm"])


def main() -> None:
    """Answer until standard input ends, in a home of its own."""
    with tempfile.TemporaryDirectory() as home, asyncio.Runner() as runner:
        os.environ["KAIROS_HOME"] = home
        runner.run(_load())
        memory = ServerMemory(Path(home))
        answer_lines(lambda given: {**runner.run(build(given["folder"])), "postgres_mb": memory.peak_mb})


if __name__ == "__main__":
    main()
