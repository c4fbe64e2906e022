"""Whether a budget holds: 50 callers, two server processes over one state, cut streams, callers that leave, fallbacks.

    python -m bench.budget [--calls 1000] [--peers-python PYTHON [--redis REDIS_SERVER]] [--no-kairos]

The budget is worth `calls` calls of the cheap model; an upstream of it fails a tenth (then a model of ten times the
price answers) and cuts a tenth short. Billed is every answer an upstream began, in full. Overspend: billed less budget.
Without --redis the two processes of LiteLLM share nothing, so that it is started as one.
"""

import argparse
import asyncio
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench import gateway_own, gateway_peers
from bench.budget_callers import CHEAP_USD, DEAR_USD, Bill, call_until_spent
from bench.served import Served, Server, Upstreams, free_port
from bench.shown import finish, machine
from tests.fixtures.model_server import ModelServer

CALLERS, PROCESSES = 50, 2
SETTLED_S = 5.0
"""Given to a server to write what it has not yet written."""
Prepare = Callable[[Path, Upstreams, float], Sequence[Server]]
Left = Callable[[Path, Sequence[Server]], dict[str, Any]]


def budget(prepare: Prepare, left: Left, calls: int) -> dict[str, Any]:
    """One server's row; its prices are those of the two upstreams."""
    usd = calls * CHEAP_USD
    cheap, dear = Bill(), Bill()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kairos-budget-")))
        ports = [
            int(stack.enter_context(ModelServer(*bill.script(faulty=bill is cheap))).url.split(":")[2][:-3])
            for bill in (cheap, dear)
        ]
        servers = prepare(home, Upstreams(*ports), usd)
        for server in servers:
            stack.enter_context(Served(server))
        outcomes = asyncio.run(_calls(servers, calls))
        row = {"budget_usd": usd, "billed_usd": cheap.answers * CHEAP_USD + dear.answers * DEAR_USD}
        row |= left(home, servers)
    row["overspent_usd"] = max(0.0, row["billed_usd"] - usd)
    row["overspent_%"] = 100 * row["overspent_usd"] / usd
    return row | {"processes": len(servers), "dear_calls": dear.answers, "outcomes": dict(outcomes)}


async def _calls(servers: Sequence[Server], calls: int) -> dict[str, int]:
    outcomes = await call_until_spent(servers, CALLERS, 3 * calls)
    await asyncio.sleep(SETTLED_S)
    return outcomes


def _own(home: Path, upstreams: Upstreams, usd: float) -> Sequence[Server]:
    return gateway_own.kairos(home, upstreams, [free_port() for _ in range(PROCESSES)], usd)


def litellm_left(home: Path, servers: Sequence[Server]) -> dict[str, Any]:
    """What its ledger callback wrote; its reservations are in its memory and cannot be asked for."""
    lines = [line for server in servers for line in (home / f"ledger-{server.port}").read_text().splitlines()]
    return {"recorded_usd": sum(json.loads(line)["response_cost"] or 0.0 for line in lines)}


@contextmanager
def redis(program: Path | None) -> Iterator[int | None]:
    """The port of a Redis server without files of its own; None without a program."""
    if program is None:
        yield None
        return
    port = free_port()
    command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--daemonize", "no"]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield port
    finally:
        server.kill()
        server.wait()


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """A row for each server."""
    rows: dict[str, Any] = {}
    if not options.no_kairos:
        rows["kairos"] = budget(_own, gateway_own.left, options.calls)
    if options.peers_python:
        with redis(options.redis) as shared:
            ports = [free_port() for _ in range(PROCESSES if shared else 1)]

            def prepare(home: Path, upstreams: Upstreams, usd: float) -> Sequence[Server]:
                return gateway_peers.litellm(options.peers_python, home, upstreams, ports, usd, shared)

            rows["litellm"] = budget(prepare, litellm_left, options.calls)
    return {"calls": options.calls, "budgets": rows, "machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=1000, help="what the budget is worth")
    parser.add_argument("--peers-python", type=Path, help="the interpreter LiteLLM is installed for")
    parser.add_argument("--redis", type=Path, help="a redis-server, for two processes of LiteLLM")
    parser.add_argument("--no-kairos", action="store_true", help="only the peer")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = measure(options)
    rows = report["budgets"]
    shown = {name: {k: v for k, v in row.items() if k != "outcomes"} for name, row in rows.items()}
    outcomes = {name: row["outcomes"] for name, row in rows.items()}
    finish(report, options.json, {"Budgets": shown, "Outcomes": outcomes})


if __name__ == "__main__":
    main()
