"""One governed turn in process, its model a zero-delay stub, against the bare cost of checkpoints in the same run.

A turn's time is the least of its rounds, of three kinds of turn: `cold`, whose passages and question nobody read before
in this process; `warm`, a new question whose passages were read for others; `again`, the same question once more.

python -m bench.turn [--turns N] [--rounds N]
"""

import argparse
import asyncio
import cProfile
import json
import math
import pstats
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from operator import add
from typing import Annotated, Any, TypedDict
from unittest.mock import patch
from uuid import uuid4

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import START, StateGraph

from bench.handbook import ASKER, indexed
from evals.database import own_database
from graphs.assistant import build
from state.context import Context
from state.postgres.checkpoints import open_saver
from state.postgres.pool import open_pool
from tools.embed.question import _recent as asked
from tools.guard import passages
from tools.passages import parse
from tools.reading import reader
from tools.reading.states import memory
from tools.reading.values import values
from tools.sentences import sentence_spans

WARM_UP = 10


class Stub(BaseChatModel):
    """Answers at once, with the first sentence of the first passage."""

    name: str | None = "stub"

    @property
    def _llm_type(self) -> str:
        return "stub"

    def _generate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        passages = [passage for message in messages for passage in parse(str(message.text))]
        text = passages[0].text if passages else "Nothing."
        start, end = (sentence_spans(text) or [(0, len(text))])[0]
        usage: Any = {"input_tokens": 1, "output_tokens": 1, "total_tokens": 2}
        about = {"model_name": "stub", "cost": 0.0}
        message = AIMessage(content=f"{text[start:end]} [1]", usage_metadata=usage, response_metadata=about)
        return ChatResult(generations=[ChatGeneration(message=message)])

    async def _agenerate(self, messages: list[BaseMessage], *_: Any, **__: Any) -> ChatResult:
        return self._generate(messages)


class OneNode(TypedDict):
    log: Annotated[list[str], add]


async def _node(state: OneNode) -> dict[str, list[str]]:
    return {"log": ["x" * 200]}


def _one_node(saver: Any) -> Any:
    graph = StateGraph(OneNode)
    graph.add_node("node", _node)
    graph.add_edge(START, "node")
    return graph.compile(checkpointer=saver)


async def _milliseconds(graph: Any, given: dict[str, Any]) -> float:
    config = {"configurable": {"thread_id": str(uuid4()), "langgraph_auth_user": ASKER}}
    start = time.perf_counter()
    await graph.ainvoke(given, config, context=Context(), durability="async")
    return (time.perf_counter() - start) * 1000


async def _stub(*_: object) -> Stub:
    return Stub()


def forget_question() -> None:
    """What only the same question brings back."""
    asked.clear()
    reader.forget()


def forget_all() -> None:
    """That, and what was read of passages."""
    forget_question()
    memory.clear()
    values.cache_clear()
    passages.forget()


KINDS: dict[str, Callable[[], None]] = {"cold": forget_all, "warm": forget_question, "again": lambda: None}


class Nodes:
    """The milliseconds of each node of a machine, by kind of turn: what its graph adds is the rest."""

    def __init__(self, machine: Any) -> None:
        self.kind, self.times = "", defaultdict[tuple[str, str], list[float]](list)
        for name, node in machine.nodes.items():
            if name == "agent":  # a machine of its own, which no question of the handbook calls for
                continue
            node.runnable.afunc = self._timed(name, node.runnable.afunc)

    def _timed(self, name: str, work: Any) -> Any:
        async def timed(*arguments: Any, **named: Any) -> Any:
            start = time.perf_counter()
            try:
                return await work(*arguments, **named)
            finally:
                self.times[self.kind, name].append((time.perf_counter() - start) * 1000)

        return timed

    def table(self) -> dict[str, dict[str, float]]:
        """The median of each node, by kind."""
        found: dict[str, dict[str, float]] = defaultdict(dict)
        for (kind, name), its in sorted(self.times.items(), key=lambda item: -sum(item[1])):
            found[kind][name] = round(statistics.median(its), 2)
        return dict(found)


async def measure(turns: int, rounds: int, profile: cProfile.Profile | None = None) -> dict[str, Any]:
    """p50 and p95 in milliseconds of each kind of turn and of a one-node graph on upstream's saver and on ours."""
    async with own_database():
        questions = [q.question for q in (await indexed()).questions if not q.history]
        upstream = _one_node(AsyncPostgresSaver(await open_pool()))
        ours, machine = _one_node(await open_saver()), build()
        nodes, assistant = Nodes(machine), machine.compile(checkpointer=await open_saver())
        least: dict[str, list[float]] = {}

        async def take(name: str, place: int, graph: Any, given: dict[str, Any]) -> None:
            row = least.setdefault(name, [math.inf] * turns)
            row[place] = min(row[place], await _milliseconds(graph, given))

        with patch("nodes.generate.chat_model", _stub):
            for question in questions[-WARM_UP:]:
                await _milliseconds(assistant, {"question": question})
            if profile:
                profile.enable()
            for place in [*range(turns)] * rounds:
                given = {"question": questions[place % len(questions)]}
                for nodes.kind, forget in KINDS.items():
                    forget()
                    await take(nodes.kind, place, assistant, given)
                await take("one node, upstream saver", place, upstream, {"log": []})
                await take("one node, our saver", place, ours, {"log": []})
        if profile:
            profile.disable()
    return {**{name: _summary(values) for name, values in least.items()}, "nodes": nodes.table()}


def _summary(values: list[float]) -> dict[str, float]:
    return {"p50_ms": statistics.median(values), "p95_ms": statistics.quantiles(values, n=20)[18]}


def main() -> None:
    """Print a table, and the same as JSON in the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--profile", action="store_true", help="print the largest costs as well")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    report = asyncio.run(measure(arguments.turns, arguments.rounds, profile))
    nodes = report["nodes"]
    for name, row in report.items():
        if name != "nodes":
            print(f"{name:28} p50 {row['p50_ms']:7.2f} ms   p95 {row['p95_ms']:7.2f} ms")
    for kind, of_nodes in nodes.items():
        print(f"{kind}: {', '.join(f'{name} {ms:.1f}' for name, ms in of_nodes.items())}")
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
