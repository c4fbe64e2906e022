"""Ingestion of a folder through the real machine: seconds, chunks a second, share of the embedder, second run.

python -m bench.ingest [--data FOLDER]
"""

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any
from unittest.mock import patch

from app.ingestion import ingestion
from app.local import configure
from bench.handbook import FOLDER
from evals.database import own_database
from state.identity import Identity
from state.ingest import Report
from tools.embed.minilm import Minilm

ASKER = Identity("bench", "bench", local=True)


class Busy:
    """Time in which at least one call of the embedder runs."""

    def __init__(self) -> None:
        self.seconds, self._inside, self._since = 0.0, 0, 0.0

    def __enter__(self) -> None:
        if not self._inside:
            self._since = time.perf_counter()
        self._inside += 1

    def __exit__(self, *_: object) -> None:
        self._inside -= 1
        if not self._inside:
            self.seconds += time.perf_counter() - self._since


async def _ingest(folder: Path) -> Report:
    async for mode, event in ingestion(ASKER, {"paths": [str(folder)]}, configure(ASKER)):
        if mode == "values":
            state = event
    report: Report = state["report"]
    return report


async def measure(folder: Path) -> dict[str, Any]:
    """The first run and the second, which has nothing to do."""
    busy, embed = Busy(), Minilm.embed_with_spans

    async def timed(self: Minilm, *arguments: Any) -> Any:
        with busy:
            return await embed(self, *arguments)

    async with own_database():
        with patch.object(Minilm, "embed_with_spans", timed):
            start = time.perf_counter()
            first = await _ingest(folder)
            seconds = time.perf_counter() - start
        start = time.perf_counter()
        second = await _ingest(folder)
        again = time.perf_counter() - start
    return {
        "documents": first["added"],
        "failed": first["failed"],
        "chunks": first["chunks"],
        "seconds": round(seconds, 2),
        "chunks_per_second": round(first["chunks"] / seconds, 1),
        "embedder_share": round(busy.seconds / seconds, 3),
        "second_run_seconds": round(again, 2),
        "second_run_share": round(again / seconds, 4),
        "second_run_unchanged": second["unchanged"],
    }


def main() -> None:
    """Print a table, and the same as JSON in the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=FOLDER / "pages")
    report = asyncio.run(measure(parser.parse_args().data))
    for name, value in report.items():
        print(f"{name:22} {value}")
    print(json.dumps(report))


if __name__ == "__main__":
    main()
