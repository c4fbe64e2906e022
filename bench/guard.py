"""The whole input guard and its peers on letters of three lengths, letter by letter, side by side.

    python -m bench.guard --peers-python PEERS/bin/python

Kairos looks for secrets, personal data, attacks and harmful requests; of a peer runs what needs no model. No letter
comes twice. A process each; memory is resident megabytes, before the first letter and at most. cpu: milliseconds of
processor time at the median letter, which say more than the clock where others keep the processors busy.
"""

import argparse
import statistics
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.util import find_spec
from typing import Any

from bench.letters import Letters
from bench.programs import Program
from bench.shown import bar, finish, machine

LENGTHS = (200, 1_000, 10_000)
OWN = {"kairos": "shared", "kairos, makes the vector": "made", "kairos, check nemo": "topics"}
PEERS = ("presidio", "llm-guard", "nemo", "nemo-yara")
WARM_UP = 10
Took = tuple[float, float]
"""Milliseconds by the clock and of the processors."""


def command(name: str, peers_python: str | None) -> list[str]:
    """How a row's program is started."""
    if name in OWN:
        return [sys.executable, "-m", "bench.own_guard", OWN[name]]
    if peers_python is None:
        raise SystemExit(
            f"{name} needs --peers-python, an interpreter with what bench/peers.txt lists for it."
        )
    return [peers_python, "-m", "bench.peer_guard", name]


def side_by_side(names: Sequence[str], letters: int, peers_python: str | None) -> dict[str, dict[str, Any]]:
    """Milliseconds of each at each length, and its memory."""
    commands = {name: command(name, peers_python) for name in names}
    source = Letters()
    taken: dict[str, dict[int, list[Took]]] = {name: {length: [] for length in LENGTHS} for name in names}
    with ExitStack() as stack:
        programs = {name: Program(given, seconds=60.0) for name, given in commands.items()}
        for program in programs.values():
            stack.callback(program.stop)
        progress = stack.enter_context(bar())
        for number in progress.track(range(letters + WARM_UP), description="Letters"):
            for length in LENGTHS:
                text = source.write(length)
                for name in (*names[number % len(names) :], *names[: number % len(names)]):
                    took = _asked(programs[name], name, text)
                    if number >= WARM_UP:
                        taken[name][length].append(took)
        memory = {name: {"idle_mb": one.idle_mb, "peak_mb": one.peak_mb} for name, one in programs.items()}
    return {name: {**_figures(taken[name]), **memory[name]} for name in names}


def _asked(program: Program, name: str, text: str) -> Took:
    answer = program.ask({"text": text})
    if "found" not in answer:
        raise SystemExit(f"{name}: {answer.get('error') or answer['died']}")
    return answer["seconds"] * 1000, answer["cpu"] * 1000


def _figures(taken: dict[int, list[Took]]) -> dict[str, float]:
    figures = {}
    for length, took in taken.items():
        clock, cpu = zip(*took, strict=True)
        figures[f"{length}_p50"] = statistics.median(clock)
        figures[f"{length}_p95"] = statistics.quantiles(clock, n=20)[-1]
        figures[f"{length}_cpu"] = statistics.median(cpu)
    return figures


def _own() -> list[str]:
    """Our rows; the one of NeMo's folders only where the extra is installed."""
    return [name for name, mode in OWN.items() if mode != "topics" or find_spec("nemoguardrails")]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--peers-python", help="an interpreter with what bench/peers.txt lists for it")
    parser.add_argument("--rows", help="only these, separated by ;", default=";".join((*_own(), *PEERS)))
    parser.add_argument("--letters", type=int, default=100, help="of each length")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    chosen = parser.parse_args()
    names = tuple(name.strip() for name in chosen.rows.split(";"))
    rows = side_by_side(names, chosen.letters, chosen.peers_python)
    finish({"rows": rows, "machine": machine()}, chosen.json, {"Input guard, ms": rows})


if __name__ == "__main__":
    main()
