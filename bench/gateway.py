"""The drop-in endpoint under load, beside other gateways, each before the same stub upstream on this machine.

    python -m bench.gateway [--calls 20000] [--peers litellm,portkey --peers-python PYTHON --portkey FOLDER]

What a gateway adds is its percentile less the stub's own at the same number of clients, in the same run. A start is
counted from exec to the first chat call of status 200. Highest rate: the best of the three numbers of clients.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvloop

from bench.gateway_own import kairos
from bench.gateway_peers import litellm, portkey
from bench.load_client import load, request
from bench.served import Served, Server, Upstreams, free_port
from bench.shown import bar, finish, machine

SHARES = {"1": (1, 0.05), "20": (20, 0.45), "100": (100, 0.45)}
"""Plain calls: clients, and their share of all calls; the rest is for streams of 20 clients, and the first ones."""
STREAMS, STREAM_CLIENTS, FIRST = 0.04, 20, 0.01
ENOUGH_USD = 1e6
Prepare = Callable[[Path, Upstreams], Server]


def kinds(options: argparse.Namespace) -> dict[str, Prepare]:
    """What is measured, by name."""
    made: dict[str, Prepare] = {
        "kairos": lambda home, upstreams: kairos(home, upstreams, [free_port()], ENOUGH_USD)[0],
        "litellm": lambda home, upstreams: litellm(
            options.peers_python, home, upstreams, [free_port()], ENOUGH_USD
        )[0],
        "portkey": lambda home, upstreams: portkey(options.portkey, home, upstreams, free_port()),
    }
    chosen = [] if options.no_kairos else ["kairos"]
    return {name: made[name] for name in [*chosen, *filter(None, options.peers.split(","))]}


@contextmanager
def stub(folder: Path, between: float = 0.005) -> Iterator[Served]:
    """The upstream; the pieces of its streams are `between` seconds apart."""
    port = free_port()
    command = [sys.executable, "-m", "bench.stub_upstream", "--port", str(port), f"--between={between}"]
    with Served(Server(command=command, port=port, home=folder, headers={})) as served:
        yield served


async def levels(server: Server, calls: int) -> dict[str, dict[str, Any]]:
    """A row for each number of clients, and one for streams; the first calls are not counted."""
    plain, stream = (
        request(server.port, server.model, server.headers, stream=streamed) for streamed in (False, True)
    )
    await load(server.port, plain, STREAM_CLIENTS, int(calls * FIRST))
    rows = {
        name: (await load(server.port, plain, clients, int(calls * share))).summary()
        for name, (clients, share) in SHARES.items()
    }
    rows["streams"] = (await load(server.port, stream, STREAM_CLIENTS, int(calls * STREAMS))).summary()
    return rows


def gateway(server: Server, calls: int, bare: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """One gateway's start, memory, and what it adds to `bare`."""
    with Served(server) as served:
        idle, before = served.megabytes(), served.cpu_seconds()
        rows = uvloop.run(levels(server, calls))
        after, spent = served.megabytes(), served.cpu_seconds() - before
    report: dict[str, Any] = {"start_s": served.start_seconds, "cpu_ms_per_call": spent * 1000 / calls}
    report |= {f"idle_{name}": value for name, value in idle.items()}
    report |= {f"after_{name}": value for name, value in after.items()}
    report["highest_per_second"] = max(rows[name]["per_second"] for name in SHARES)
    return report | {"levels": {name: _added(row, bare[name]) for name, row in rows.items()}}


def _added(row: dict[str, Any], bare: dict[str, Any]) -> dict[str, Any]:
    return row | {f"added_{name}": row[name] - bare[name] for name in row if name.endswith("_ms")}


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """The stub alone, then each gateway before it."""
    gateways: dict[str, Any] = {}
    chosen = kinds(options)
    with tempfile.TemporaryDirectory(prefix="kairos-gateway-") as folder, bar() as progress:
        task = progress.add_task("Gateways", total=len(chosen))
        with stub(Path(folder)) as upstream:
            bare = uvloop.run(levels(upstream.server, options.calls))
            for name, prepare in chosen.items():
                progress.update(task, advance=1, description=name)
                home = Path(folder, name)
                home.mkdir()
                server = prepare(home, Upstreams(upstream.server.port))
                gateways[name] = gateway(server, options.calls, bare)
    return {"calls": options.calls, "stub": bare, "gateways": gateways, "machine": machine()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--calls", type=int, default=20_000, help="calls to each gateway, about")
    parser.add_argument("--peers", default="", help="litellm,portkey")
    parser.add_argument("--peers-python", type=Path, help="the interpreter LiteLLM is installed for")
    parser.add_argument("--portkey", type=Path, help="the folder npm installed Portkey's gateway in")
    parser.add_argument("--no-kairos", action="store_true", help="only the peers")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    report = measure(options)
    tables = {
        "Gateways": {n: {k: v for k, v in r.items() if k != "levels"} for n, r in report["gateways"].items()}
    }
    for level in [*SHARES, "streams"]:
        rows = {"stub": report["stub"][level]}
        rows |= {name: row["levels"][level] for name, row in report["gateways"].items()}
        tables["Streams, 20 clients" if level == "streams" else f"{level} clients"] = rows
    finish(report, options.json, tables)


if __name__ == "__main__":
    main()
