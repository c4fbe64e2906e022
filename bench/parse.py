"""Parsing of a folder of files by Kairos and by whole tools, file by file, side by side.

    python -m bench.parse --data FILES --peers-python PEERS/bin/python

FILES: a folder with manifest.csv (columns path, type, note, expected), or with such folders in it.
Each tool is one process with one worker; Kairos also runs with two of them, to say what a second CPU gives.
"""

import argparse
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from bench import readings
from bench.files import Sample, samples
from bench.programs import Program
from bench.shown import bar, finish, machine

TOOLS = ("kairos", "markitdown", "docling", "unstructured")


def command(tool: str, peers_python: str | None) -> list[str]:
    """How a tool's program is started."""
    if tool == "kairos":
        return [sys.executable, "-m", "bench.own_parse"]
    if peers_python is None:
        raise SystemExit(f"{tool} needs --peers-python, an interpreter with what bench/peers.txt lists.")
    return [peers_python, "-m", "bench.peer_parse", tool]


def side_by_side(
    tools: Sequence[str], files: Sequence[Sample], rounds: int, chosen: argparse.Namespace
) -> dict[str, Any]:
    """Figures of each tool, one process each."""
    known: readings.Readings = {}
    with ExitStack() as stack:
        programs = {
            tool: Program(command(tool, chosen.peers_python), chosen.timeout, chosen.memory) for tool in tools
        }
        for program in programs.values():
            stack.callback(program.stop)
        ready = readings.warm_up(programs, files)
        progress = stack.enter_context(bar())
        for number in range(1, rounds + 1):
            for file in progress.track(files, description=f"Parsing, round {number}"):
                readings.read_all(programs, [file], known)
        memory = {t: {"idle_mb": p.idle_mb, "peak_mb": p.peak_mb} for t, p in programs.items()}
    words = readings.words_found(known, files)
    types = sorted({file.type for file in files})
    return {
        "tools": {
            tool: {
                **readings.summary(known[tool], files),
                "words_found": words[tool],
                **memory[tool],
                "start_seconds": ready[tool],
            }
            for tool in tools
        },
        "same_files": readings.times_faster(known, "kairos", files) if "kairos" in tools else {},
        "types": {kind: _by_tool(known, tools, [f for f in files if f.type == kind]) for kind in types},
        "failures": {tool: _failures(known[tool]) for tool in tools},
    }


def in_parallel(processes: int, files: Sequence[Sample], chosen: argparse.Namespace) -> dict[str, Any]:
    """Kairos with several processes that take files from one queue: wall time."""
    waiting, answers = SimpleQueue[Sample](), list[dict[str, Any]]()
    programs = [Program(command("kairos", None), chosen.timeout, chosen.memory) for _ in range(processes)]
    for program in programs:
        readings.warm_up({"": program}, files)
    for file in files:
        waiting.put(file)

    def work(program: Program) -> None:
        while True:
            try:
                file = waiting.get_nowait()
            except Empty:
                return
            answers.append(program.ask({"path": file.path, "phrase": file.phrase}))

    threads = [threading.Thread(target=work, args=(program,)) for program in programs]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    for program in programs:
        program.stop()
    read = sum("words" in answer for answer in answers)
    peak = sum(program.peak_mb for program in programs)
    return {
        "processes": processes,
        "read": read,
        "seconds": seconds,
        "documents_per_second": read / seconds,
        "peak_mb": peak,
    }


def _by_tool(
    known: readings.Readings, tools: Sequence[str], files: Sequence[Sample]
) -> dict[str, dict[str, Any]]:
    wanted = ("files", "read", "snippets_found", "snippets", "median_ms", "crashed", "hung")
    return {tool: {key: readings.summary(known[tool], files)[key] for key in wanted} for tool in tools}


def _compact(types: dict[str, dict[str, dict[str, Any]]]) -> dict[str, dict[str, str]]:
    return {
        f"{kind} ({next(iter(rows.values()))['files']})": {
            tool: f"{row['read']}  {row['snippets_found']}/{row['snippets']}  {row['median_ms']:.1f}"
            for tool, row in rows.items()
        }
        for kind, rows in types.items()
    }


def _failures(mine: dict[str, readings.Reading]) -> dict[str, str]:
    answers = {Path(path).name: reading.answer for path, reading in mine.items()}
    return {
        name: answer.get("died") or answer["error"]
        for name, answer in answers.items()
        if "words" not in answer
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--peers-python", help="an interpreter with what bench/peers.txt lists")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--types", default="", help="only files of these types, such as pdf,docx")
    parser.add_argument("--limit", type=int, help="only every n-th file, so that about so many are left")
    parser.add_argument("--rounds", type=int, default=3, help="a file's time is the median over the rounds")
    parser.add_argument("--timeout", type=float, default=60.0, help="seconds a file")
    parser.add_argument("--memory", type=float, default=4096.0, help="MB, all processes of a tool together")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    files = samples(chosen.data, [kind for kind in chosen.types.split(",") if kind])
    files = files[:: max(1, len(files) // chosen.limit)] if chosen.limit else files
    tools = chosen.tools.split(",")
    report = side_by_side(tools, files, chosen.rounds, chosen)
    if "kairos" in tools:
        report["parallel"] = {f"kairos x{n}": in_parallel(n, files, chosen) for n in (1, 2)}
    report["machine"] = machine()
    tables = {
        "All files, one process each": report["tools"],
        "On the files that both read": report["same_files"],
    }
    tables |= {"By type: files read, snippets found, median ms": _compact(report["types"])}
    finish(report, chosen.json, tables | {"Wall time": report.get("parallel", {})})


if __name__ == "__main__":
    main()
