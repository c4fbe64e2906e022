"""Libraries that read one format, side by side on the files of that format, and Kairos' own parser of it.

    python -m bench.parsers --data FILES --peers-python PEERS/bin/python

"words found" is fidelity: of the words that at least half of a file's readers find, the share that this one finds.
Kairos also makes headings, lists and tables of a file, where the libraries give text. It runs without its worker.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import readings
from bench.files import Sample, samples
from bench.peer_libraries import LIBRARIES
from bench.programs import Program
from bench.shown import bar, finish, machine

COLUMNS = ("files", "read", "snippets_found", "snippets", "words_found", "median_ms", "documents_per_second")
OWN = "kairos"


def measure(kind: str, files: list[Sample], chosen: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Figures of each library on the sound files of one type."""
    known: readings.Readings = {}
    with ExitStack() as stack:
        commands = {
            name: [chosen.peers_python, "-m", "bench.peer_libraries", name] for name in LIBRARIES[kind]
        }
        commands[OWN] = [sys.executable, "-m", "bench.own_parse", "direct"]
        programs = {name: Program(command, chosen.timeout) for name, command in commands.items()}
        for program in programs.values():
            stack.callback(program.stop)
        readings.warm_up(programs, files)
        progress = stack.enter_context(bar())
        for number in range(1, chosen.rounds + 1):
            for file in progress.track(files, description=f"{kind}, round {number}"):
                readings.read_all(programs, [file], known)
        memory = {
            name: {"idle_mb": program.idle_mb, "peak_mb": program.peak_mb}
            for name, program in programs.items()
        }
    words = readings.words_found(known, files)
    table = {}
    for name in programs:
        figures = readings.summary(known[name], files) | {"words_found": words[name]}
        table[name] = {column: figures[column] for column in COLUMNS} | memory[name]
        table[name]["died"] = figures["crashed"] + figures["hung"] + figures["out_of_memory"]
    return table


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument(
        "--peers-python", required=True, help="an interpreter with what bench/peers.txt lists"
    )
    parser.add_argument("--types", default=",".join(LIBRARIES))
    parser.add_argument("--rounds", type=int, default=5, help="a file's time is the median over the rounds")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds a file")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    types: dict[str, Any] = {}
    for kind in chosen.types.split(","):
        files = [file for file in samples(chosen.data, [kind]) if file.sound]
        if files:
            types[kind] = measure(kind, files, chosen)
    finish({"types": types, "machine": machine()}, chosen.json, types)


if __name__ == "__main__":
    main()
