"""One governed turn in process, its model a zero-delay stub, against the bare cost of checkpoints in the same run.

python -m bench.turn [--turns N]
"""

import argparse
import asyncio
import cProfile
import json
import pstats
import statistics
import time
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
from tools.passages import parse
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


async def measure(turns: int, profile: cProfile.Profile | None = None) -> dict[str, dict[str, float]]:
    """p50 and p95 in milliseconds of the turn and of a one-node graph on upstream's saver and on ours."""
    async with own_database():
        questions = [q.question for q in (await indexed()).questions if not q.history]
        upstream = _one_node(AsyncPostgresSaver(await open_pool()))
        ours = _one_node(await open_saver())
        assistant = build().compile(checkpointer=await open_saver())
        times: dict[str, list[float]] = {
            "turn": [],
            "one node, upstream saver": [],
            "one node, our saver": [],
        }
        with patch("nodes.generate.chat_model", _stub):
            for number in range(turns + WARM_UP):
                if profile and number == WARM_UP:
                    profile.enable()
                given = {"question": questions[number % len(questions)]}
                times["turn"].append(await _milliseconds(assistant, given))
                times["one node, upstream saver"].append(await _milliseconds(upstream, {"log": []}))
                times["one node, our saver"].append(await _milliseconds(ours, {"log": []}))
        if profile:
            profile.disable()
    return {name: _summary(values[WARM_UP:]) for name, values in times.items()}


def _summary(values: list[float]) -> dict[str, float]:
    return {"p50_ms": statistics.median(values), "p95_ms": statistics.quantiles(values, n=20)[18]}


def main() -> None:
    """Print a table, and the same as JSON in the last line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--profile", action="store_true", help="print the largest costs as well")
    arguments = parser.parse_args()
    profile = cProfile.Profile() if arguments.profile else None
    report = asyncio.run(measure(arguments.turns, profile))
    for name, row in report.items():
        print(f"{name:28} p50 {row['p50_ms']:7.2f} ms   p95 {row['p95_ms']:7.2f} ms")
    if profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(25)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
