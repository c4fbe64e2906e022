"""Tasks done by the real agent and the real workplace server: the end state says whether each was done right."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from evals import end_state
from evals.workplace_people import People, person
from evals.workplace_runs import Run
from evals.workplace_tasks import Task, Turn
from state.context import Context
from state.identity import Identity
from state.postgres import kill_switches
from tools.acting.asking import waits

LOG = frozenset({"calls"})
"""Tables that say nothing about the workplace."""
Script = Callable[[Turn], None]
"""Makes the model do what the turn says."""


@dataclass(frozen=True, slots=True)
class BackEnd:
    """fresh: a file as it is at first; live: the one that the server works on."""

    fresh: Path
    live: Path

    def reset(self, statements: Sequence[str]) -> None:
        """The live file is fresh again, but for what the statements change."""
        import sqlite3

        shutil.copyfile(self.fresh, self.live)
        connection = sqlite3.connect(self.live)
        with connection:
            for statement in statements:
                connection.execute(statement)
        connection.close()


async def run(task: Task, back_end: BackEnd, script: Script | None) -> Run:
    """Do the task once on a fresh back end; without a script the configured model, or none, is asked."""
    back_end.reset(task.before)
    before = end_state.tables(back_end.live, LOG)
    done, started = Run(task), time.perf_counter()
    identity, thread = person(task.asker), str(uuid4())
    for kind, name in task.switches:
        await kill_switches.throw(identity, kind, name, "It is being looked at.")
    answers = task.answers if script or isinstance(task.answers, str) else "willing"
    people = People(task.asker, answers, done)
    try:
        for turn in task.turns:
            if script is not None:
                script(turn)
            await _turn(turn, identity, thread, people, done)
    finally:
        for kind, name in task.switches:
            await kill_switches.release(identity, kind, name)
    done.seconds = time.perf_counter() - started
    found = end_state.difference(before, end_state.tables(back_end.live, LOG))
    done.wrong += end_state.missing(found, task.expect)
    done.excess = end_state.excess(found, task.expect)
    done.doubles = end_state.doubles(found, task.expect)
    if script is not None:
        done.wrong += [*_ended(task, done), *people.unasked]
    elif not task.expect:
        done.wrong += _unread(task, done)
    return done


def _ended(task: Task, done: Run) -> list[str]:
    return [] if done.ending == task.ending else [f"it ended as {done.ending}, not {task.ending}"]


def _unread(task: Task, done: Run) -> list[str]:
    """Which of the tools were not called that the task is about, where nothing else tells whether it was done."""
    made = {call["tool"].rpartition(".")[2] for call in done.made if call["status"] in ("done", "failed")}
    steps = [step for turn in task.turns for step in turn.model if not isinstance(step, str)]
    return [f"{name} was not called" for step in steps for name, _ in step if name not in made]


async def _turn(turn: Turn, identity: Identity, thread: str, people: People, done: Run) -> None:
    """A turn, with what people answer, until it ends or waits for good."""
    from langgraph.types import Command

    from graphs.agent import build
    from state.postgres.checkpoints import open_saver

    graph = build().compile(checkpointer=await open_saver())
    config: Any = {
        "configurable": {"thread_id": thread, "langgraph_auth_user": identity},
        "recursion_limit": 80,
    }
    given: Any = {"question": turn.task}
    while True:
        state = await graph.ainvoke(given, config, context=Context(), durability="sync")
        if "__interrupt__" not in state:
            done.ending, done.made, done.answer = state["ending"], state["made"], state["answer"]
            return
        waiting = [call for call in (await graph.aget_state(config)).values["planned"] if waits(call)]
        if not waiting:  # the guard has a doubt about the task, and its asker has none
            done.confirmed += 1
            given = Command(resume={"type": "accept"})
            continue
        if not await people.answer(waiting):
            done.ending = "waiting"
            return
        given = Command(resume={"type": "decided"})
