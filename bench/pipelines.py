"""From a folder of Markdown to a searchable index: Kairos, Haystack and LlamaIndex, with the same embedding model.

    python -m bench.pipelines --data PAGES --peers-python PEERS/bin/python

Kairos stores in its embedded Postgres: vectors, sentence vectors, BM25 and access rights, on disk. The peers have
vectors in memory. All read the same pages: the Markdown files that are not empty. Each round starts every program
anew, in turn; loading of libraries and weights is not counted.
"""

import argparse
import shutil
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.programs import Program
from bench.shown import bar, finish, machine

NAMES = ("kairos", "haystack", "llama-index", "llama-index-256")
PATIENCE_S = 1800.0


def measure(name: str, folder: Path, peers_python: str) -> dict[str, Any]:
    """One build by one pipeline in a new process."""
    own = [sys.executable, "-m", "bench.own_pipeline"]
    program = Program(
        own if name == "kairos" else [peers_python, "-m", "bench.peer_pipelines", name], PATIENCE_S, 16_384
    )
    try:
        answer = program.ask({"folder": str(folder.resolve())})
    finally:
        program.stop()
    if failure := answer.get("error") or answer.get("died"):
        raise SystemExit(f"{name} failed: {failure}")
    seconds = answer["seconds"]
    return {
        "start_seconds": program.start_seconds,
        **answer,
        "documents_per_second": answer["documents"] / seconds,
        "tokens_per_second": answer["tokens"] / seconds,
        "embedder_share": answer["embedder_seconds"] / seconds,
        "peak_mb": program.peak_mb,
    }


def copy_pages(data: Path, folder: Path) -> None:
    """Every Markdown file that is not empty, where it stands below `data`."""
    for page in data.rglob("*.md"):
        if page.stat().st_size:
            (folder / page.relative_to(data).parent).mkdir(parents=True, exist_ok=True)
            shutil.copy(page, folder / page.relative_to(data))


def medians(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The median of each figure."""
    return {key: statistics.median(figures[key] for figures in rounds) for key in rounds[0]}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True, help="a folder of Markdown")
    parser.add_argument(
        "--peers-python", required=True, help="an interpreter with what bench/peers.txt lists"
    )
    parser.add_argument("--pipelines", default=",".join(NAMES))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    names = chosen.pipelines.split(",")
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    with TemporaryDirectory() as folder, bar() as progress:
        copy_pages(chosen.data, Path(folder))
        for name in progress.track(names * chosen.rounds, description="Building"):
            found[name].append(measure(name, Path(folder), chosen.peers_python))
    table = {name: medians(rounds) for name, rounds in found.items()}
    rounds = {name: [figures["seconds"] for figures in each] for name, each in found.items()}
    report = {"pipelines": table, "rounds_seconds": rounds, "machine": machine()}
    finish(report, chosen.json, {f"{chosen.data.name}: medians of {chosen.rounds}": table})


if __name__ == "__main__":
    main()
