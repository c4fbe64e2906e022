"""Agents that are killed (SIGKILL) at every boundary of a node and in the middle of a tool, and taken up again.

    python -m bench.crash [--runs 168] [--json]

Each run is killed once, at one of the places in turn, with one of four kinds of tool in turn, then resumed by another
process until it ends or stands before a person. Right is: the effect was had exactly once, or, where nobody can tell,
a person is asked and it was had at most once.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch
from uuid import uuid4

from bench.programs import Program
from state.postgres import embedded
from tests.fixtures.crashing import KINDS, PLACES, Attempt, effects, make_effects
from tests.fixtures.model_server import ModelServer, Reply

SEND = [("desk.send_mail", {"to": "ann@example.org", "body": "Hello."})]
SECONDS = 60.0


@contextmanager
def worker(home: Path) -> Iterator[Program]:
    """A process that forks attempts, with a database and a scripted model that calls the tool once."""
    server = embedded.acquire(home)
    try:
        with ModelServer(Reply("Sent.", calls=_calls)) as model:
            settings = {
                "HOME": str(home),
                "MODEL_URL": model.url,
                "MODEL_NAME": "scripted",
                "MODEL_KEY": "test",
            }
            variables = {f"KAIROS_{name}": value for name, value in settings.items()}
            with patch.dict(os.environ, {**variables, "OMP_NUM_THREADS": "1"}):
                program = Program([sys.executable, "-m", "tests.fixtures.crashing"], SECONDS)
                yield program
                program.stop()
    finally:
        embedded.release(server)


def _calls(body: dict[str, Any]) -> list[tuple[str, Any]]:
    return [] if body["messages"][-1]["role"] == "tool" else SEND


def run(program: Program, number: int, folder: Path) -> dict[str, Any]:
    """One run: killed once, then resumed until it ends."""
    kind, place = KINDS[number % len(KINDS)], PLACES[number // len(KINDS) % len(PLACES)]
    file = str(folder / "effects.sqlite")
    given = Attempt(str(uuid4()), kind, place, file)
    first = program.ask(asdict(given))
    last = program.ask(asdict(replace(given, kill="")))
    had = effects(file, given.thread)
    is_right = had == 1 if last.get("ended") == "done" else last.get("ended") == "asked" and had <= 1
    return {
        "kind": kind,
        "place": place,
        "killed": first.get("ended") == "killed",
        "ended": last.get("ended", last.get("died")),
        "effects": had,
        "right": is_right,
    }


def matrix(runs: int) -> list[dict[str, Any]]:
    """All runs, one after the other."""
    with (
        tempfile.TemporaryDirectory(prefix="kairos-crash-") as folder,
        worker(Path(folder) / "home") as program,
    ):
        make_effects(str(Path(folder) / "effects.sqlite"))
        return [run(program, number, Path(folder)) for number in range(runs)]


def main() -> None:
    """Print the counts, and every run that went wrong."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3 * len(KINDS) * len(PLACES))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    rows = matrix(options.runs)
    report = {
        "runs": len(rows),
        "killed": sum(row["killed"] for row in rows),
        "right": sum(row["right"] for row in rows),
        "ended": Counter(f"{row['kind']}: {row['ended']}" for row in rows),
        "effects": Counter(row["effects"] for row in rows),
        "wrong": [row for row in rows if not row["right"]],
    }
    print(json.dumps(report, indent=None if options.json else 2))
    raise SystemExit(0 if report["right"] == len(rows) else 1)


if __name__ == "__main__":
    main()
