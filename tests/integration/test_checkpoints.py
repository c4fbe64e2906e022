"""The saver against the conformance suite, in real graphs, and what it adds to upstream's."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from operator import add
from typing import Annotated, Any, TypedDict
from uuid import uuid4

import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.graph import START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import Command, Durability, interrupt
from psycopg.types.json import Jsonb

from app.checkpointer import ServerSaver, checkpointer
from state.postgres.checkpoints import Saver, expire_threads, open_saver, prune
from state.postgres.pool import Pool, close_pool, connection

CAPABILITIES = {
    *("put", "put_writes", "get_tuple", "list", "delete_thread"),
    *("delete_for_runs", "copy_thread", "prune"),
}


class State(TypedDict, total=False):
    messages: Annotated[list[AnyMessage], add_messages]
    log: Annotated[list[str], add]
    count: int
    answer: str


async def _first(state: State) -> State:
    return {"log": ["first"], "count": 1, "messages": [AIMessage("hello", id="a")]}


async def _ask(state: State) -> State:
    return {"log": ["ask"], "answer": interrupt("sure?")}


def _graph(saver: BaseCheckpointSaver[str]) -> Any:
    graph = StateGraph(State)
    graph.add_node("first", _first)
    graph.add_node("ask", _ask)
    graph.add_edge(START, "first")
    graph.add_edge("first", "ask")
    return graph.compile(checkpointer=saver)


def _thread(**more: Any) -> Any:
    return {"configurable": {"thread_id": str(uuid4()), **more}}


async def _rows(thread_id: str) -> dict[str, int]:
    counts = {}
    async with connection() as found:
        for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
            cursor = await found.execute(
                f"SELECT count(*) AS n FROM {table} WHERE thread_id = %s",
                (thread_id,),
            )
            row = await cursor.fetchone()
            counts[table] = row["n"] if row else -1
    return counts


@pytest.mark.parametrize("kind", [Saver, ServerSaver])
async def test_it_passes_the_conformance_suite_with_every_capability(pool: Pool, kind: type[Saver]) -> None:
    @checkpointer_test(name=kind.__name__)
    async def saver() -> AsyncIterator[Saver]:
        yield kind(pool)

    report = await validate(saver)
    failures = {name: result.failures for name, result in report.results.items() if result.failures}
    assert failures == {}
    assert {name for name, result in report.results.items() if result.passed} == CAPABILITIES


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
async def test_a_graph_is_interrupted_resumed_and_replayed(pool: Pool, durability: Durability) -> None:
    graph, config = _graph(Saver(pool)), _thread()
    await graph.ainvoke({"messages": [HumanMessage("hi", id="h")]}, config, durability=durability)
    stopped = await graph.aget_state(config)
    assert [task.interrupts[0].value for task in stopped.tasks] == ["sure?"]
    assert stopped.next == ("ask",)

    # Another saver, as after a restart.
    graph = _graph(Saver(pool))
    done = await graph.ainvoke(Command(resume="yes"), config, durability=durability)
    assert (done["answer"], done["log"], done["count"]) == ("yes", ["first", "ask"], 1)
    assert [type(message) for message in done["messages"]] == [HumanMessage, AIMessage]

    history = [snapshot async for snapshot in graph.aget_state_history(config)]
    assert len(history) == (2 if durability == "exit" else 4)
    fork = await graph.aupdate_state(stopped.config, None)
    again = await graph.ainvoke(Command(resume="no"), fork, durability=durability)
    assert again["answer"] == "no"


async def test_many_threads_run_at_once_without_mixing(pool: Pool) -> None:
    graph = _graph(Saver(pool))
    configs = [_thread() for _ in range(40)]
    await asyncio.gather(*(graph.ainvoke({"log": [str(i)]}, config) for i, config in enumerate(configs)))
    states = await asyncio.gather(*(graph.aget_state(config) for config in configs))
    assert [state.values["log"] for state in states] == [[str(i), "first"] for i in range(40)]


async def test_values_too_large_to_serialise_on_the_loop_come_back_whole(pool: Pool) -> None:
    graph, config = _graph(Saver(pool)), _thread()
    log = [str(number) for number in range(5000)]
    await graph.ainvoke({"log": log}, config)
    assert (await graph.aget_state(config)).values["log"] == [*log, "first"]


@dataclass
class Intruder:
    """A type that nothing may bring back to life from the database."""

    path: str


async def test_only_plain_and_langchain_types_come_back_to_life(pool: Pool) -> None:
    serde = Saver(pool).serde
    safe = {"price": Decimal("1.5"), "message": HumanMessage("x", id="1")}
    assert serde.loads_typed(serde.dumps_typed(safe)) == safe
    assert serde.loads_typed(serde.dumps_typed(Intruder("/etc/passwd"))) == {"path": "/etc/passwd"}


async def test_a_copied_thread_goes_on_by_itself(pool: Pool) -> None:
    saver = Saver(pool)
    graph, source, target = _graph(saver), _thread(), _thread()
    await graph.ainvoke({"log": ["start"]}, {**source, "metadata": {"thread_id": "shown"}})
    await saver.acopy_thread(source["configurable"]["thread_id"], target["configurable"]["thread_id"])
    done = await graph.ainvoke(Command(resume="yes"), target)
    assert done["log"] == ["start", "first", "ask"]
    assert (await graph.aget_state(source)).next == ("ask",)
    found = await saver.aget_tuple(target)
    assert found is not None
    assert json.dumps(dict(found.metadata)).count(source["configurable"]["thread_id"]) == 0


async def test_a_rolled_back_run_leaves_what_others_wrote(pool: Pool) -> None:
    saver = Saver(pool)
    graph, config = _graph(saver), _thread()
    thread = config["configurable"]["thread_id"]
    await graph.ainvoke({"log": ["kept"]}, {**config, "metadata": {"run_id": "one"}})
    before, state = await _rows(thread), await graph.aget_state(config)
    await graph.ainvoke({"log": ["undone"]}, {**config, "metadata": {"run_id": "two"}})
    assert await _rows(thread) != before
    await saver.adelete_for_runs(["two"])
    assert await _rows(thread) == before
    assert (await graph.aget_state(config)).values == state.values


async def test_pruning_keeps_the_latest_checkpoint_only(pool: Pool) -> None:
    graph, config = _graph(Saver(pool)), _thread()
    await graph.ainvoke({"log": ["start"]}, config)
    await graph.ainvoke(Command(resume="yes"), config)
    values = (await graph.aget_state(config)).values
    await prune([config["configurable"]["thread_id"]])
    assert (await _rows(config["configurable"]["thread_id"]))["checkpoints"] == 1
    assert (await graph.aget_state(config)).values == values


async def test_expiry_deletes_threads_untouched_for_long_and_no_others(database: str) -> None:
    graph = _graph(await open_saver())
    old, new = _thread(), _thread()
    for config in (old, new):
        await graph.ainvoke({"log": ["start"]}, config)
    async with connection() as found:
        await found.execute(
            "UPDATE checkpoints SET checkpoint = jsonb_set(checkpoint, '{ts}', %s) WHERE thread_id = %s",
            (Jsonb("2026-01-01T00:00:00+00:00"), old["configurable"]["thread_id"]),
        )
    assert await expire_threads(timedelta(days=1)) == 1
    assert set((await _rows(old["configurable"]["thread_id"])).values()) == {0}
    assert (await graph.aget_state(new)).next == ("ask",)


@pytest.mark.parametrize("durability", ["sync", "async"])
async def test_which_commits_wait_for_the_disk(
    pool: Pool, durability: Durability, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[bool] = []

    class Watched(Saver):
        async def aput(self, *given: Any) -> Any:
            from state.postgres import checkpoints

            waits.append(not checkpoints._more_follows(given[0], given[1], given[2]))
            return await super().aput(*given)

    graph = _graph(Watched(pool))
    config = _thread()
    await graph.ainvoke({"log": []}, config, durability=durability)
    await graph.ainvoke(Command(resume="yes"), config, durability=durability)
    await graph.aupdate_state(config, {"answer": "changed"})
    relaxed = durability == "async"
    assert waits == [not relaxed, not relaxed, not relaxed, True, True]


@pytest.mark.usefixtures("home")
async def test_the_server_deletes_a_thread_without_suspending() -> None:
    async with checkpointer() as saver:
        graph, config = _graph(saver), _thread()
        await graph.ainvoke({"log": ["start"]}, config)
        deletion = saver.adelete_thread(config["configurable"]["thread_id"])
        with pytest.raises(StopIteration):
            deletion.send(None)  # done at the first step: nothing else ran in between
        assert await saver.aget_tuple(config) is None
        await graph.ainvoke({"log": ["again"]}, config)
        await saver.adelete_thread(config["configurable"]["thread_id"])
    assert set((await _rows(config["configurable"]["thread_id"])).values()) == {0}
    await close_pool()


async def test_a_deletion_that_fails_is_logged(pool: Pool, caplog: pytest.LogCaptureFixture) -> None:
    saver = ServerSaver(pool)
    await saver.adelete_thread("a zero byte: \0")
    await saver.settled()
    await asyncio.sleep(0)
    assert "The checkpoints of a deleted thread are still there" in caplog.text
