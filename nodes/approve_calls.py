"""Wait for people: what they decide stands in Postgres, and nothing else that a client sends is a decision."""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from langgraph.runtime import Runtime
from langgraph.types import interrupt
from psycopg.rows import DictRow

from state.agent import AgentState, PlannedCall
from state.caller import thread_of
from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.inbox import Action, Allowed, Request, answer_of
from state.postgres import agent_runs, approvals
from tools.acting.answering import answer
from tools.acting.asking import approval_id, waits
from tools.acting.eliciting import answered, blank


async def approve_calls(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Interrupt with one request a call (Agent Inbox). A resume that answers them counts as its sender's answer."""
    waiting = [call for call in state["planned"] if waits(call)]
    given = interrupt([_request(call) for call in waiting])
    identity, thread = asker(runtime), thread_of(runtime)
    notes = await _answered(identity, waiting, given)
    rows = {row["id"]: row for row in await approvals.of_thread(identity, thread)}
    planned = [
        _decided(call, rows[approval_id(call)], notes) if waits(call) else call for call in state["planned"]
    ]
    if any(waits(call) for call in planned):
        return {"planned": planned}
    await agent_runs.mark(identity, thread, "running")
    return {"planned": planned, "started": state["started"] + time.time() - state["paused"]}


def after_approve(state: AgentState) -> Literal["approve_calls", "execute_calls"]:
    """Until every one is decided, the run waits again."""
    return "approve_calls" if any(waits(call) for call in state["planned"]) else "execute_calls"


async def _answered(identity: Identity, waiting: Sequence[PlannedCall], given: object) -> dict[UUID, str]:
    """Take the answers that came with the resume, in the order of the requests; why one does not count."""
    notes: dict[UUID, str] = {}
    for call, one in zip(waiting, given if isinstance(given, list) else [given], strict=False):
        kind, arguments = answer_of(one)
        if kind is not None:
            try:
                await answer(identity, approval_id(call), kind, arguments)
            except KairosError as error:
                notes[approval_id(call)] = error.sentence
    return notes


def _decided(call: PlannedCall, row: DictRow, notes: Mapping[UUID, str]) -> PlannedCall:
    """The call with its way, now that people have spoken; it waits on if they have not."""
    status = row["status"]
    if status == "pending":
        return PlannedCall({**call, "why": notes.get(row["id"], "")})
    if status == "accepted" and call["way"] == "ask":
        return answered(call, row["arguments"])
    if status == "accepted":
        again = call["way"] == "unknown"
        return PlannedCall({**call, "way": "run", "arguments": row["arguments"], "again": again, "why": ""})
    said = f" They say: {row['note']}" if row["note"] else ""
    do, did = ("answer", "answered") if call["way"] == "ask" else ("approve", "approved")
    why = f"Nobody {did} it in time." if status == "expired" else f"{row['by']} did not {do} it.{said}"
    return PlannedCall({**call, "way": "refuse", "why": why})


def _request(call: PlannedCall) -> Request:
    note = f"\n\n{call['why']}" if call["why"] and call["why"] not in call["description"] else ""
    question = call["questions"][-1] if call["way"] == "ask" else None
    site = question is not None and not question["form"]
    request = Request(
        action_request=Action(action=call["tool"], args=blank(question) if question else call["arguments"]),
        config=Allowed(allow_accept=True, allow_edit=not site, allow_respond=True, allow_ignore=True),
        description=call["description"] + note,
    )
    return Request({**request, "form": question["form"]}) if question and not site else request
