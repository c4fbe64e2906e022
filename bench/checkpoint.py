"""What a checkpoint costs: our saver against upstream's AsyncPostgresSaver, on one pool, in one run.

python -m bench.checkpoint [--threads N]
"""

import argparse
import asyncio
import itertools
import json
import os
import statistics
import time
from operator import add
from tempfile import TemporaryDirectory
from typing import Annotated, Any, TypedDict
from uuid import uuid4

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import START, StateGraph
from langgraph.types import Durability

from state.postgres.checkpoints import Saver
from state.postgres.pool import close_pool, open_pool

AT_ONCE = 16
WARM_UP = 10


class State(TypedDict):
    log: Annotated[list[str], add]
    count: int


async def _node(state: State) -> State:
    return {"log": ["x" * 200], "count": state["count"] + 1}


def _graph(nodes: int, saver: BaseCheckpointSaver[Any] | None) -> Any:
    graph = StateGraph(State)
    names = [f"node{number}" for number in range(nodes)]
    for before, name in zip([START, *names], names, strict=False):
        graph.add_node(name, _node)
        graph.add_edge(before, name)
    return graph.compile(checkpointer=saver)


async def _milliseconds(graph: Any, durability: Durability | None) -> float:
    config = {"configurable": {"thread_id": str(uuid4())}}
    start = time.perf_counter()
    await graph.ainvoke({"log": [], "count": 0}, config, durability=durability)
    return (time.perf_counter() - start) * 1000


async def _together(graph: Any, durability: Durability | None) -> float:
    """Threads a second when AT_ONCE of them run together."""
    start = time.perf_counter()
    await asyncio.gather(*(_milliseconds(graph, durability) for _ in range(AT_ONCE)))
    return AT_ONCE / (time.perf_counter() - start)


async def _measure(nodes: int, durability: Durability, threads: int) -> list[dict[str, Any]]:
    """Each saver in turn, thread by thread, so that a busy disk slows all of them alike."""
    pool = await open_pool()
    savers: dict[str, BaseCheckpointSaver[Any] | None]
    savers = {
        "none": None,
        "memory": InMemorySaver(),
        "upstream": AsyncPostgresSaver(pool),
        "kairos": Saver(pool),
    }
    runs = {name: (_graph(nodes, saver), durability if saver else None) for name, saver in savers.items()}
    alone: dict[str, list[float]] = {name: [] for name in runs}
    together: dict[str, list[float]] = {name: [] for name in runs}
    for turn in range(threads + WARM_UP):
        for name, run in runs.items():
            alone[name].append(await _milliseconds(*run))
            if turn % AT_ONCE == 0:
                together[name].append(await _together(*run))
    return [
        {
            "nodes": nodes,
            "durability": durability,
            "saver": name,
            "p50_ms": round(statistics.median(alone[name][WARM_UP:]), 2),
            "p95_ms": round(statistics.quantiles(alone[name][WARM_UP:], n=20)[18], 2),
            "threads_per_second": round(statistics.median(together[name][1:])),
        }
        for name in runs
    ]


async def main(threads: int) -> None:
    """Print one table, then the same as JSON."""
    report = []
    durabilities: tuple[Durability, ...] = ("async", "sync")
    for nodes, durability in itertools.product((1, 8), durabilities):
        for row in await _measure(nodes, durability, threads):
            print("  ".join(f"{key} {value!s:>8}" for key, value in row.items()))
            report.append(row)
    await close_pool()
    print(json.dumps(report))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=200)
    arguments = parser.parse_args()
    # A home of its own, so that nothing that is stored is measured along.
    with TemporaryDirectory(prefix="kairos-bench-") as home:
        os.environ["KAIROS_HOME"] = home
        asyncio.run(main(arguments.threads))
