"""The tools that ask and have things done."""

import asyncio
import time
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from mcp_servers.callers import Call, asker
from mcp_servers.explaining import explained
from mcp_servers.platform.schemas import Answer, Citation, Standing, Started
from mcp_servers.platform.schemas import Call as MadeCall
from mcp_servers.platform.turns import Turns, Wanted
from state.errors import KairosError

POLL_S = 0.25
_LONGEST_S = 55.0
"""Clients give up on a call after a minute."""

Thread = Annotated[str, Field(max_length=200, description="From start_task.")]
GoOn = Annotated[str | None, Field(max_length=200, description="Go on with this conversation.")]
Model = Annotated[str | None, Field(description="A model of the catalog.")]
Confirmed = Annotated[
    bool, Field(description="Only after the person has confirmed what a guard's doubt was about.")
]


@explained
async def ask(
    call: Call,
    question: Annotated[str, Field(description="The question.")],
    thread_id: GoOn = None,
    model: Model = None,
    confirmed: Confirmed = False,
) -> Answer:
    """Ask a question; the answer comes from the documents that you may see, verified, with citations.

    Raises KairosError confirmation_needed, thread_unknown, and what the question is refused with.
    """
    steps = 0

    async def report(what: str) -> None:
        nonlocal steps
        steps += 1
        await call.report_progress(steps, message=what)

    wanted = Wanted(question, thread_id, model, confirmed)
    return _answer(await turns(call).ask(asker(call), wanted, report))


@explained
async def start_task(
    call: Call,
    task: Annotated[str, Field(description="What is to be done.")],
    thread_id: GoOn = None,
    model: Model = None,
    confirmed: Confirmed = False,
) -> Started:
    """Have something done with tools. It goes on by itself; follow it. What changes anything waits for an approval.

    Raises KairosError confirmation_needed, thread_unknown, run_under_way, and what the task is refused with.
    """
    wanted = Wanted(task, thread_id, model, confirmed)
    return Started(thread_id=await turns(call).start(asker(call), wanted))


@explained
async def follow(
    call: Call,
    thread_id: Thread,
    wait_seconds: Annotated[float, Field(ge=0, le=_LONGEST_S, description="For it to end or to wait.")] = 0,
) -> Standing:
    """See how a task stands, and what came of it. Raises KairosError thread_unknown."""
    until = time.monotonic() + wait_seconds
    found = await turns(call).standing(asker(call), thread_id)
    for step in range(1, 1 + round(_LONGEST_S / POLL_S)):
        if found["status"] != "running" or time.monotonic() >= until:
            break
        await call.report_progress(step, message="The task is under way.")
        await asyncio.sleep(min(POLL_S, max(until - time.monotonic(), 0.01)))
        found = await turns(call).standing(asker(call), thread_id)
    made = [MadeCall(**{name: one[name] for name in MadeCall.model_fields}) for one in found["made"]]
    return Standing(**{**found, "made": made})


@explained
async def cancel(call: Call, thread_id: Thread) -> Standing:
    """Stop a task of yours: what is under way ends, nothing more begins, its approvals are withdrawn.

    Raises KairosError thread_unknown, run_ended.
    """
    await turns(call).cancel(asker(call), thread_id)
    return await _standing(call, thread_id)


@explained
async def resume(call: Call, thread_id: Thread) -> Standing:
    """Go on with a task of yours that was stopped, failed or lost its process; no effect is had twice.

    Raises KairosError thread_unknown, run_under_way, run_ended.
    """
    await turns(call).resume(asker(call), thread_id)
    return await _standing(call, thread_id)


def turns(call: Call) -> Turns:
    """The machines. Raises KairosError turns_missing."""
    found = call.request_context.lifespan_context.turns
    if found is None:
        raise KairosError("turns_missing", "This server runs no turns.")
    return found


async def _standing(call: Call, thread_id: str) -> Standing:
    found = await turns(call).standing(asker(call), thread_id)
    made = [MadeCall(**{name: one[name] for name in MadeCall.model_fields}) for one in found["made"]]
    return Standing(**{**found, "made": made})


def _answer(state: Mapping[str, Any]) -> Answer:
    usage, verdict = state["usage"], state["verdict"]
    citations = [
        Citation(**{name: one[name] for name in Citation.model_fields}) for one in state["citations"]
    ]
    return Answer(
        citations=citations,
        supported=verdict["supported"],
        declined=verdict["declined"],
        **{name: state[name] for name in ("answer", "route", "model", "thread_id", "trace_id")},
        **{name: usage[name] for name in ("input_tokens", "output_tokens", "cost")},
    )
