"""The sandbox: attempts to leave it or to use up the machine, and what it costs to start.

    python -m bench.sandbox [--starts 30] [--json]

An attempt to reach something succeeds if its code says so; the same code in a bare Python process is the control. One
to exhaust succeeds if it outlives its time by more than GRACE_S, if its processes ever hold more than the memory they
may, if this process grows, or if more text comes back than may.
"""

import argparse
import asyncio
import subprocess
import sys
import tempfile
import time
from typing import Any

from bench.sandbox_watch import Watch, sandboxes
from bench.shown import bar, finish, machine
from state.errors import KairosError
from tests.fixtures.sandbox_attempts import EXHAUSTS, REACHES
from tools.sandbox import Limits, Outcome
from tools.sandbox.job import Job
from tools.sandbox.run import Sandbox

LIMITS = Limits(seconds=1.0, memory_mb=64, output_chars=10_000)
GRACE_S = 2.0
MOST_MB = 2 * LIMITS.memory_mb + 100  # two processes, and what both hold before any code runs
MOST_GROWTH_MB = 32


async def reached(sandbox: Sandbox) -> dict[str, bool]:
    """Which attempts to reach something succeeded."""
    found = {}
    for name, code in REACHES.items():
        outcome = await _run(sandbox, code)
        found[name] = "escaped" in f"{outcome.value} {outcome.output}"
    return found


async def exhausted(sandbox: Sandbox) -> dict[str, dict[str, Any]]:
    """What each attempt to exhaust came to."""
    found = {}
    with bar() as progress:
        for name, code in progress.track(EXHAUSTS.items(), description="exhausting"):
            started = time.perf_counter()
            with Watch() as watch:
                outcome = await _run(sandbox, code)
            seconds = time.perf_counter() - started
            text = len(outcome.output) + len(str(outcome.value)) + len(outcome.error)
            found[name] = {
                "how": outcome.code or ("error" if outcome.error else "ended"),
                "seconds": seconds,
                "mb": watch.children_mb,
                "own_mb": watch.own_mb,
                "succeeded": seconds > LIMITS.seconds + GRACE_S
                or watch.children_mb > MOST_MB
                or watch.own_mb > MOST_GROWTH_MB
                or text > 3 * LIMITS.output_chars + 10,
            }
    return found


def controls() -> dict[str, bool]:
    """Which attempts to reach something succeed in a bare Python process, in a folder of its own."""
    found = {}
    for name, code in REACHES.items():
        *body, last = code.split("\n")
        whole = "\n".join([*body, f"print({last})"])
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                [sys.executable, "-c", whole],
                cwd=folder,
                capture_output=True,
                text=True,
                timeout=20,
                check=False,
            )
        found[name] = "escaped" in done.stdout
    return found


async def started(times: int) -> dict[str, dict[str, float]]:
    """Milliseconds until `1 + 1` is answered: cold (a new process), warm (one that waits), and bare Python."""
    cold, warm = Sandbox(1, spare=0), Sandbox(1)
    rows: dict[str, list[float]] = {
        "sandbox, cold": [],
        "sandbox, warm": [],
        "python -c": [],
        "python -I -S -c": [],
    }
    await _run(warm, "1")
    for _ in range(times):
        await asyncio.sleep(0.5)  # the process that waits has been started by now
        rows["sandbox, warm"].append(await _timed(warm))
        await asyncio.sleep(0.5)
        rows["sandbox, cold"].append(await _timed(cold))
        rows["python -c"].append(await asyncio.to_thread(_bare))
        rows["python -I -S -c"].append(await asyncio.to_thread(_bare, "-I", "-S"))
    warm.close()
    return {name: _quantiles(values) for name, values in rows.items()}


async def _timed(sandbox: Sandbox) -> float:
    started = time.perf_counter()
    outcome = await _run(sandbox, "1 + 1")
    assert outcome.value == 2  # noqa: S101
    return (time.perf_counter() - started) * 1000


def _bare(*options: str) -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, *options, "-c", "print(1 + 1)"], capture_output=True, check=True)
    return (time.perf_counter() - started) * 1000


async def _run(sandbox: Sandbox, code: str) -> Outcome:
    try:
        return await sandbox.run(Job(code, {}, {"granted.txt": b"granted"}, LIMITS))
    except KairosError as error:
        return Outcome(error=error.sentence, code=error.code)


def _quantiles(values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        "p50_ms": ordered[len(ordered) // 2],
        "p95_ms": ordered[min(len(ordered) - 1, round(len(ordered) * 0.95))],
        "n": len(ordered),
    }


async def measured(starts: int) -> dict[str, Any]:
    sandbox = Sandbox(1)
    reach = await reached(sandbox)
    exhaust = await exhausted(sandbox)
    await asyncio.sleep(0.5)  # the next process is being started
    sandbox.close()
    await asyncio.sleep(0.2)
    rows = exhaust.values()
    summary = {
        "to reach": {"attempts": len(reach), "succeeded": sum(reach.values())},
        "to reach, in bare Python": {"attempts": len(reach), "succeeded": sum(controls().values())},
        "to exhaust": {
            "attempts": len(exhaust),
            "succeeded": sum(row["succeeded"] for row in rows),
            "longest_s": max(row["seconds"] for row in rows),
            "most_mb": max(row["mb"] for row in rows),
            "own_growth_mb": max(row["own_mb"] for row in rows),
            "left_running": len(sandboxes()),
        },
    }
    return {
        "machine": machine(),
        "summary": summary,
        "succeeded": [name for name, found in reach.items() if found]
        + [name for name, row in exhaust.items() if row["succeeded"]],
        "starts": await started(starts),
        "exhaust": exhaust,
    }


def main() -> int:
    """1 if anything succeeded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--starts", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    report = asyncio.run(measured(given.starts))
    tables = {"attempts": report["summary"], "starting": report["starts"], "exhausting": report["exhaust"]}
    finish(report, given.json, tables)
    return int(bool(report["succeeded"]))


if __name__ == "__main__":
    sys.exit(main())
