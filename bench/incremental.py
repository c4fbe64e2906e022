"""The command line over 1,000 pages: nothing changed, and one page changed; wall time of the whole process.

    python -m bench.incremental [--pages 1000] [--rounds 5]

"cold": each command starts the embedded Postgres and stops it. "served": `kairos up` runs, so that it is there.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from bench.pages import page, write_pages
from bench.programs import ROOT
from bench.shown import bar, finish, machine

KAIROS = [sys.executable, "-m", "app.cli"]
PATIENCE_S = 120.0
APART = ("KAIROS_DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
"""Variables that a command must not see: with the second, Kairos' own files would be compiled at every start."""
GOALS = {"nothing_changed": 1.5, "one_changed": 2.0}
"""Seconds."""


def kairos(home: Path, *arguments: str) -> tuple[dict[str, Any], float]:
    """What a command said, and the seconds its process took, from start to end."""
    started = time.perf_counter()
    done = subprocess.run(
        [*KAIROS, *arguments, "--json"], cwd=ROOT, env=environment(home), capture_output=True, text=True
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"kairos {' '.join(arguments)} failed: {done.stderr[-1000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer, seconds


def environment(home: Path) -> dict[str, str]:
    """Ours, with that home and its embedded Postgres."""
    return {key: value for key, value in os.environ.items() if key not in APART} | {"KAIROS_HOME": str(home)}


def round_of(home: Path, folder: Path, changed: Path, number: int) -> dict[str, float]:
    """Seconds of one ingest without a change, one after a change, and a search that finds what changed."""
    report, nothing = kairos(home, "ingest", str(folder))
    _expect(report, updated=0)
    word = f"quagga{number}x"
    changed.write_text(f"{page(number)}\nThe {word} is kept in the loft.\n", encoding="utf-8")
    report, one = kairos(home, "ingest", str(folder))
    _expect(report, updated=1)
    found, search = kairos(home, "search", f"Where is the {word} kept?", "-k", "3")
    if not any(word in passage["text"] for passage in found["passages"]):
        raise SystemExit(f"The change {word} is not found.")
    return {"nothing_changed": nothing, "one_changed": one, "search": search}


def _expect(report: dict[str, Any], updated: int) -> None:
    if (report["updated"], report["added"], report["failed"]) != (updated, 0, 0):
        raise SystemExit(f"Expected {updated} updated: {report}")


@contextmanager
def served(home: Path) -> Iterator[None]:
    """Within, `kairos up` runs."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [*KAIROS, "up", "--no-sample", "--port", str(port)]
    server = subprocess.Popen(
        command, cwd=ROOT, env=environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait(server, f"http://localhost:{port}/ok")
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urlopen(url, timeout=2):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("kairos up did not start.")


def summed_up(rounds: Sequence[dict[str, float]]) -> dict[str, dict[str, Any]]:
    """Median and range of each command, and its goal."""
    return {
        name: {
            "median_s": statistics.median(each[name] for each in rounds),
            "least_s": min(each[name] for each in rounds),
            "most_s": max(each[name] for each in rounds),
            "goal_s": GOALS.get(name),
        }
        for name in rounds[0]
    }


def measure(count: int, rounds: int) -> dict[str, Any]:
    """All of it, in a home of its own."""
    with tempfile.TemporaryDirectory() as top, bar() as progress:
        home, folder = Path(top, "home"), Path(top, "pages")
        paths = write_pages(folder, count)
        task = progress.add_task("First ingest", total=2 * rounds + 1)
        first, seconds = kairos(home, "ingest", str(folder))
        report: dict[str, Any] = {
            "pages": first["added"],
            "chunks": first["chunks"],
            "first_ingest_s": seconds,
        }
        progress.update(task, advance=1, description="Cold")
        cold = []
        for number in range(rounds):
            cold.append(round_of(home, folder, paths[number], number))
            progress.advance(task)
        progress.update(task, description="Served")
        warm = []
        with served(home):
            for number in range(rounds, 2 * rounds):
                warm.append(round_of(home, folder, paths[number], number))
                progress.advance(task)
    return report | {"cold": summed_up(cold), "served": summed_up(warm), "machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pages", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5, help="at most a quarter of the pages")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    report = measure(chosen.pages, chosen.rounds)
    title = f"{report['pages']} pages, {report['chunks']} chunks"
    finish(report, chosen.json, {f"{title}: {mode}": report[mode] for mode in ("cold", "served")})


if __name__ == "__main__":
    main()
