"""Tasks of the agent for the MCP server `platform`: begun, looked at, cancelled and taken up, in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from app.acting import followed, gone_on, requests, snapshot_of
from app.background import begin
from app.wanted import accepted, check, context_of, doubts_of, own, raise_refusal
from mcp_servers.platform.turns import Wanted
from state.errors import KairosError
from state.identity import Identity

if TYPE_CHECKING:
    from langgraph.types import Command


async def start(identity: Identity, wanted: Wanted) -> str:
    """The thread of a task, once the task has passed the guards; it goes on in the background.

    Raises KairosError confirmation_needed, thread_unknown, run_under_way, and what the task is refused with.
    """
    check(wanted.text)
    thread_id = wanted.thread_id or str(uuid4())
    if wanted.thread_id:
        await own(identity, thread_id, task=True)
        await _not_under_way(identity, thread_id)
    passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    run = begin(thread_id, _task(identity, wanted, thread_id, passed))
    try:
        await passed
    except asyncio.CancelledError:
        run.cancel()  # nobody knows its thread, and nothing was done yet
        raise
    return thread_id


async def standing(identity: Identity, thread_id: str) -> Mapping[str, Any]:
    """How a run of the identity's stands, and what came of it. Raises KairosError thread_unknown."""
    from state.postgres import agent_runs

    row = await agent_runs.of_asker(identity, thread_id)
    _, snapshot = await snapshot_of(identity, thread_id, row["machine"])
    status, state = "lost" if row["lost"] else row["status"], snapshot.values
    if status == "done" and snapshot.next:
        status = "running"  # its last checkpoint is not written yet
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
    from state.postgres import agent_runs

    await agent_runs.take_up(identity, thread_id)
    row = await agent_runs.of_asker(identity, thread_id)
    begin(thread_id, gone_on(identity, thread_id, row["machine"]))


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
            build(), {"question": wanted.text}, identity, thread_id, context_of(wanted), seen
        )
        if doubts := doubts_of(state):
            given = await _confirmed(identity, wanted, thread_id, doubts)
            state = await followed(build(), given, identity, thread_id, context_of(wanted), seen)
        raise_refusal(state)
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
    return accepted(wanted, doubts)


async def _not_under_way(identity: Identity, thread_id: str) -> None:
    from state.postgres import agent_runs

    row = await agent_runs.of_asker(identity, thread_id)
    if row["status"] in ("running", "waiting"):
        raise KairosError("run_under_way", f"The task before is {row['status']} yet: follow or cancel it.")
