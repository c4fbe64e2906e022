"""Whether callers notice a failing deployment: faults at the preferred one while another one is healthy.

    python -m bench.failover [--calls 300] [--json]

`kairos gateway`, with key, budget and ledger on, before two upstreams; 10 clients, half of the calls streamed. A call
has failed unless the whole right text arrived exactly once. Attempts are counted by the upstreams. After each fault
the deployment is healed, and the seconds counted until it answers again. At the end everything is down: the attempts
of paced calls after the breakers have opened, over several of their probes.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from bench.failover_calls import FAULTS, TIMEOUT_S, WELL, Callers, Outcomes
from bench.gateway_own import MODELS, kairos
from bench.served import Served, Server, Upstreams, free_port
from bench.shown import bar, finish, machine
from tests.fixtures.model_server import ModelServer

CLIENTS = 10
TIMEOUTS = {"connect": 1, "first": 1, "between": 1}
ENOUGH_USD = 1e6
LONGEST_HEALING_S, EVERY_S = 20.0, 0.05
DOWN = "500s", "429 storm", "hang", "reset"
PAUSE_S = 0.4
"""Between two calls of a client while everything is down: 300 calls take at least 12 s, which is several probes."""


async def measure(server: Server, preferred: ModelServer, other: ModelServer, calls: int) -> dict[str, Any]:
    """A row for each fault, and one for each kind of being down."""
    report: dict[str, Any] = {"faults": {}, "down": {}}
    async with _callers(server) as callers:
        with bar() as progress:
            task = progress.add_task("Faults", total=len(FAULTS) + len(DOWN))
            for name in FAULTS:
                progress.update(task, advance=1, description=name)
                report["faults"][name] = await _fault(callers, preferred, other, name, calls)
            for name in DOWN:
                progress.update(task, advance=1, description=f"down: {name}")
                report["down"][name] = await _down(callers, preferred, other, name, calls)
    return report


async def _fault(
    callers: Callers, preferred: ModelServer, other: ModelServer, name: str, calls: int
) -> dict[str, Any]:
    preferred.script(FAULTS[name])
    preferred.calls.clear()
    other.calls.clear()
    outcomes = await callers.run(CLIENTS, calls, MODELS[0])
    row = outcomes.row() | {"attempts_per_call": (len(preferred.calls) + len(other.calls)) / calls}
    row["at_the_failing_one"] = len(preferred.calls)
    preferred.script(WELL)
    return row | {"healed_s": await _answers_again(callers, MODELS[0]), "failures": dict(outcomes.failed)}


async def _down(
    callers: Callers, preferred: ModelServer, other: ModelServer, name: str, calls: int
) -> dict[str, Any]:
    for server in (preferred, other):
        server.script(FAULTS[name])
    before = await callers.run(CLIENTS, 2 * CLIENTS, MODELS[0])
    preferred.calls.clear()
    other.calls.clear()
    outcomes = await callers.run(CLIENTS, calls, MODELS[0], PAUSE_S)
    row = outcomes.row() | {"attempts_per_call": (len(preferred.calls) + len(other.calls)) / calls}
    for server in (preferred, other):
        server.script(WELL)
    healed = await _answers_again(callers, MODELS[0], MODELS[1])
    return row | {
        "healed_s": healed,
        "failures_before": dict(before.failed),
        "failures": dict(outcomes.failed),
    }


async def _answers_again(callers: Callers, *names: str) -> float | None:
    """Seconds until each deployment has answered a call for it; None: it did not within LONGEST_HEALING_S."""
    started = time.perf_counter()
    for name in names:
        while True:
            outcomes = Outcomes()
            await callers.call(name, outcomes, stream=False)
            if outcomes.by[name] and not outcomes.failed:
                break
            if time.perf_counter() - started > LONGEST_HEALING_S:
                return None
            await asyncio.sleep(EVERY_S)
    return time.perf_counter() - started


@asynccontextmanager
async def _callers(server: Server) -> AsyncIterator[Callers]:
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    async with aiohttp.ClientSession(timeout=timeout) as session:
        yield Callers(session, server)


def failover(calls: int) -> dict[str, Any]:
    """Start everything, measure, and stop it."""
    with (
        tempfile.TemporaryDirectory(prefix="kairos-failover-") as folder,
        ModelServer(WELL) as preferred,
        ModelServer(WELL) as other,
    ):
        ports = [int(server.url.split(":")[2].removesuffix("/v1")) for server in (preferred, other)]
        made = kairos(Path(folder), Upstreams(*ports), [free_port()], ENOUGH_USD, timeouts=TIMEOUTS)[0]
        with Served(made):
            started = time.perf_counter()
            report = uvloop.run(measure(made, preferred, other, calls))
    return report | {"seconds": time.perf_counter() - started, "timeouts": TIMEOUTS, "machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=300, help="calls for each fault")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = failover(options.calls)
    tables = {"One healthy fallback": report["faults"], "Everything down": report["down"]}
    finish(report, options.json, tables)


if __name__ == "__main__":
    main()
