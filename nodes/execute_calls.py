"""Make the calls that may be made, side by side, and put what came of them before the model."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from uuid import UUID

from langchain_core.messages import ToolMessage
from langgraph.runtime import Runtime

from nodes.call_model import capped
from state.agent import AgentState, MadeCall, PlannedCall
from state.caller import thread_of
from state.context import Context
from state.errors import KairosError
from state.guard import GuardVerdict
from state.identity import Identity, asker
from state.postgres import kill_switches, tool_calls
from state.postgres.checkpoints import settled
from tools.acting.agents import NAME, agent
from tools.acting.asking import asked, waits
from tools.acting.checking import refused, stopped_by
from tools.acting.eliciting import put
from tools.acting.gone import with_gone
from tools.acting.observing import observed
from tools.acting.once import UnknownOutcomeError, call_once
from tools.acting.toolbox import toolbox
from tools.mcp.elicitation import AskedBackError, answered_with
from tools.mcp.progress import told_to
from tools.tool import Result, Tool

Ended = tuple[PlannedCall, Result | None]


async def execute_calls(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """One message for each call. Where nobody can tell what came of one, people are asked before it goes on."""
    identity, run, thread = asker(runtime), runtime.execution_info, thread_of(runtime)
    rules = await asyncio.to_thread(agent, NAME)
    tools = with_gone(await toolbox(rules, identity), state["planned"])
    switches = await kill_switches.thrown(identity, thread)
    held = [
        await _stopped(identity, call, stopped_by(switches, call["tool"], rules.name))
        for call in state["planned"]
    ]
    if any(call["way"] == "run" and call["risk"] != "read" for call in held):
        await settled(thread, run.checkpoint_id if run else "")
    ended = await asyncio.gather(*(_made(call, tools, thread, identity, runtime) for call in held))
    if any(waits(call) for call, _ in ended):
        planned = await asked(identity, thread, rules, tools, [call for call, _ in ended])
        return {"planned": planned, "paused": time.time()}
    return await _update(state, identity, tools, ended)


def after_execute(state: AgentState) -> Literal["approve_calls", "call_model", "finish_task"]:
    """The model goes on from the results, unless a cap is reached."""
    if any(waits(call) for call in state["planned"]):
        return "approve_calls"
    return "finish_task" if state["stop"] else "call_model"


async def _stopped(identity: Identity, call: PlannedCall, why: str) -> PlannedCall:
    """A call that a switch stops is not made; what came of it before a crash counts all the same."""
    if not why or call["way"] != "run":
        return call
    before = None if call["risk"] == "read" else await tool_calls.status(identity, UUID(call["id"]))
    if before in ("done", "failed"):
        return call
    if before in ("intended", "unknown") and not call["again"]:
        return PlannedCall({**call, "way": "unknown"})
    return refused(call, why)


async def _made(
    call: PlannedCall, tools: Mapping[str, Tool], thread: str, identity: Identity, runtime: Runtime[Context]
) -> Ended:
    """A call that is run again after a crash gives what it gave before."""
    if call["way"] != "run":
        return call, None
    tool = tools.get(call["tool"])
    if tool is None:
        return refused(call, f"There is no tool {call['tool']} any more."), None
    about = {"tool": call["tool"], "id": call["id"]}
    runtime.stream_writer({**about, "state": "started"})
    try:
        with (
            told_to(lambda progress: runtime.stream_writer({**about, "state": "running", **progress})),
            answered_with(call.get("questions", ())),
        ):
            result = await call_once(tool, call, thread, identity, call["again"])
    except UnknownOutcomeError:
        return PlannedCall({**call, "way": "unknown"}), None
    except AskedBackError as back:
        return await put(identity, call, back), None
    except KairosError as error:
        result = Result(error.sentence, is_error=True)
    runtime.stream_writer({**about, "state": "ended"})
    return call, result


async def _update(
    state: AgentState, identity: Identity, tools: Mapping[str, Tool], ended: Sequence[Ended]
) -> dict[str, Any]:
    messages: list[ToolMessage] = []
    made, sources = list(state["made"]), list(state["sources"])
    verdicts: list[GuardVerdict] = list(state["guard"])
    for call, result in ended:
        seen = await observed(identity, state["question"], call, tools.get(call["tool"]), result)
        messages.append(ToolMessage(seen.shown, tool_call_id=call["call_id"], status=seen.message_status))
        made.append(_record(call, result, seen.text))
        sources += seen.sources
        verdicts += seen.verdicts
    return {
        "trail": messages,
        "made": made,
        "sources": sources,
        "guard": verdicts,
        "planned": [],
        "stop": await asyncio.to_thread(capped, state),
    }


def _record(call: PlannedCall, result: Result | None, text: str) -> MadeCall:
    status: Literal["refused", "failed", "done"] = "refused"
    if result is not None:
        status = "failed" if result.is_error else "done"
    return MadeCall(
        id=call["id"],
        tool=call["tool"],
        arguments=call["arguments"],
        risk=call["risk"],
        status=status,
        result=text,
    )
