"""What the MCP server `platform` has done: turns of the assistant, and tasks of the agent in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.acting import DECIDED, carried_on, followed
from app.background import begin
from app.local import configure, stream
from mcp_servers.platform.turns import Report, Turns, Wanted
from state.context import Context
from state.errors import KairosError
from state.identity import Identity

if TYPE_CHECKING:
    from langgraph.types import Command

_ANSWER = ("answer", "citations", "route", "model", "verdict", "usage", "trace_id")
_STAGES = {
    "draft": "Checking the answer.",
    "passages": "Reading passages.",
    "candidates": "Ranking passages.",
}


def turns() -> Turns:
    """All of it, for the server."""
    return Turns(
        ask=ask,
        start=start,
        standing=standing,
        cancel=cancel,
        resume=resume,
        carry_on=_carry_on,
    )


async def ask(identity: Identity, wanted: Wanted, report: Report) -> Mapping[str, Any]:
    """A governed turn, with its thread.

    Raises KairosError confirmation_needed, thread_unknown, and what the question is refused with.
    """
    from graphs.assistant import build

    _check(wanted.text)
    thread = await _own(identity, wanted.thread_id, task=False) if wanted.thread_id else None
    config = configure(identity, thread)
    given: dict[str, Any] | Command[Any] = {"question": wanted.text}
    state: dict[str, Any] = {}
    while True:
        async for mode, event in stream(build(), given, config, _context(wanted)):
            if mode == "values":
                state = event
                await report(_stage(state))
        if not (doubts := _doubts(state)):
            break
        given = _accepted(wanted, doubts)
    _raise_refusal(state)
    return {**{name: state[name] for name in _ANSWER}, "thread_id": config["configurable"]["thread_id"]}


async def start(identity: Identity, wanted: Wanted) -> str:
    """The thread of a task, once the task has passed the guards; it goes on in the background.

    Raises KairosError confirmation_needed, thread_unknown, run_under_way, and what the task is refused with.
    """
    _check(wanted.text)
    thread_id = wanted.thread_id or str(uuid4())
    if wanted.thread_id:
        await _own(identity, thread_id, task=True)
        await _not_under_way(identity, thread_id)
    passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    begin(thread_id, _task(identity, wanted, thread_id, passed))
    await passed
    return thread_id


async def standing(identity: Identity, thread_id: str) -> Mapping[str, Any]:
    """How a run of the identity's stands, and what came of it. Raises KairosError thread_unknown."""
    from app.commands.act import requests
    from state.postgres import agent_runs

    row = await agent_runs.of_asker(identity, thread_id)
    _, snapshot = await _snapshot(identity, thread_id, row["machine"])
    status, state = "lost" if row["lost"] else row["status"], snapshot.values
    ended = status in ("done", "stopped", "failed") and not snapshot.next
    waiting = requests({"__interrupt__": snapshot.interrupts}) if status == "waiting" else []
    return {
        "thread_id": thread_id,
        "status": status,
        "answer": state.get("answer") if ended else None,
        "ending": state.get("ending") if ended else None,
        "made": state.get("made") or [],
        "waiting": [one["description"] for one in waiting],
        "error": row["error"],
    }


async def cancel(identity: Identity, thread_id: str) -> None:
    """Nothing more of it begins; a call that is under way ends, so that what came of it is known."""
    from state.postgres import agent_runs

    await agent_runs.stop(identity, thread_id)


async def resume(identity: Identity, thread_id: str) -> None:
    """Go on in the background. Raises KairosError as `agent_runs.take_up` does."""
    from langgraph.types import Command

    from state.postgres import agent_runs

    await agent_runs.take_up(identity, thread_id)
    row = await agent_runs.of_asker(identity, thread_id)
    machine, snapshot = await _snapshot(identity, thread_id, row["machine"])
    given: Command[Any] | None = Command(resume=DECIDED) if snapshot.interrupts else None
    begin(thread_id, followed(machine, given, identity, thread_id))


def _carry_on(thread_id: str) -> None:
    begin(thread_id, carried_on(thread_id))


async def _task(identity: Identity, wanted: Wanted, thread_id: str, passed: asyncio.Future[None]) -> None:
    """The run of a task; `passed` tells when it has passed the guards, or why it has not."""
    from graphs.agent import build
    from nodes.confirm_question import asks

    states = 0

    def seen(mode: str, event: Any) -> None:
        nonlocal states
        states += mode == "values"
        # The first state is the one before the guards; a doubt is over once it is confirmed.
        if states > 1 and not event.get("refusal") and (wanted.confirmed or not asks(event["guard"])):
            _tell(passed)

    try:
        state = await followed(
            build(), {"question": wanted.text}, identity, thread_id, _context(wanted), seen
        )
        if doubts := _doubts(state):
            given = await _confirmed(identity, wanted, thread_id, doubts)
            state = await followed(build(), given, identity, thread_id, _context(wanted), seen)
        _raise_refusal(state)
    except BaseException as error:
        if passed.done():
            raise
        _tell(passed, error)
    _tell(passed)


def _tell(passed: asyncio.Future[None], error: BaseException | None = None) -> None:
    """Once; nobody may be listening any more."""
    if passed.done():
        return
    if error is None:
        passed.set_result(None)
    elif isinstance(error, Exception):
        passed.set_exception(error)
    else:
        passed.cancel()


async def _confirmed(identity: Identity, wanted: Wanted, thread_id: str, doubts: str) -> Command[Any]:
    from state.postgres import agent_runs

    if not wanted.confirmed:
        await agent_runs.mark(identity, thread_id, "stopped")
    return _accepted(wanted, doubts)


def _accepted(wanted: Wanted, doubts: str) -> Command[Any]:
    from langgraph.types import Command

    if not wanted.confirmed:
        said = f"{doubts} Ask the person, then call again with `confirmed`."
        raise KairosError("confirmation_needed", said)
    return Command(resume={"type": "accept", "args": None})


def _doubts(state: Mapping[str, Any]) -> str:
    """What a guard would have the asker confirm; empty where the run waits for nothing, or for approvals."""
    values = [one.value for one in state.get("__interrupt__", ())]
    return "\n".join(value["description"] for value in values if isinstance(value, dict))


def _check(text: str) -> None:
    from tools.guard.question import check_question

    if refusal := check_question(text):
        raise KairosError(refusal["code"], refusal["sentence"])


def _raise_refusal(state: Mapping[str, Any]) -> None:
    if refusal := state.get("refusal"):
        raise KairosError(refusal["code"], refusal["sentence"])


async def _own(identity: Identity, thread_id: str, *, task: bool) -> str:
    """The thread, if it is the identity's and of that kind. Raises KairosError thread_unknown."""
    from state.postgres.checkpoints import open_saver

    found = await (await open_saver()).aget_tuple(configure(identity, thread_id))
    values = found.checkpoint["channel_values"] if found else {}
    if values.get("owner") != f"{identity.tenant}/{identity.principal}" or ("trail" in values) is not task:
        raise KairosError("thread_unknown", "You have no such conversation.")
    return thread_id


async def _not_under_way(identity: Identity, thread_id: str) -> None:
    from state.postgres import agent_runs

    row = await agent_runs.of_asker(identity, thread_id)
    if row["status"] in ("running", "waiting"):
        raise KairosError("run_under_way", f"The task before is {row['status']} yet: follow or cancel it.")


async def _snapshot(identity: Identity, thread_id: str, machine: str) -> tuple[Any, Any]:
    """The machine of a thread, and where it stands."""
    from importlib import import_module

    from state.postgres.checkpoints import open_saver

    made = import_module(f"graphs.{machine}").build()
    graph = made.compile(checkpointer=await open_saver())
    return made, await graph.aget_state(configure(identity, thread_id))


def _context(wanted: Wanted) -> Context:
    return Context(model=wanted.model)


def _stage(state: Mapping[str, Any]) -> str:
    """What comes next, as far as the state tells."""
    return next((said for name, said in _STAGES.items() if state.get(name)), "Understanding the question.")
