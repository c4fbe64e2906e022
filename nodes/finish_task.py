"""End a task: what came of it, in the conversation and in the record."""

import time
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from nodes.begin_task import nested
from state.agent import AgentState, Ending, MadeCall
from state.context import Context
from state.identity import Identity, asker
from state.postgres import agent_runs, guard_verdicts, turns


async def finish_task(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The answer is the agent's last word; where a cap ended it, what was done so far."""
    identity, run = asker(runtime), runtime.execution_info
    thread = (run.thread_id if run else None) or ""
    trace_id = (run.run_id if run else None) or str(uuid4())
    ending, answer = _ended(state)
    if thread and not state["refusal"]:
        await agent_runs.mark(identity, thread, "stopped" if ending == "partial" else "done")
    update: dict[str, Any] = {"answer": answer, "ending": ending, "trace_id": trace_id}
    if nested(runtime):
        return update
    await _record(identity, state, thread, trace_id)
    if not state["refusal"]:
        said = AIMessage(answer, response_metadata={"model_name": state["model"], "trace_id": trace_id})
        update["messages"] = [HumanMessage(state["question"]), said]
    return update


async def _record(identity: Identity, state: AgentState, thread: str, trace_id: str) -> None:
    usage, refusal = state["usage"], state["refusal"]
    turn = turns.Turn(
        thread_id=thread,
        trace_id=trace_id,
        route="refused" if refusal else "act",
        refusal=refusal["code"] if refusal else None,
        declined=False,
        supported=False,
        model=state["model"],
        prompt=state["prompt"],
        queries=0,
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        cost=usage["cost"],
        seconds=time.time() - state["started"],
    )
    await turns.add(identity, turn)
    if state["guard"]:
        await guard_verdicts.add(identity, trace_id, state["guard"])


def _ended(state: AgentState) -> tuple[Ending, str]:
    if refusal := state["refusal"]:
        return "refused", refusal["sentence"]
    if state["stop"]:
        return "partial", f"{state['stop']} {_so_far(state['made'])}"
    last = str(state["trail"][-1].text).strip() if state["trail"] else ""
    if last:
        return ("asks" if last.endswith("?") and not state["made"] else "done"), last
    return "done", _so_far(state["made"])


def _so_far(made: list[MadeCall]) -> str:
    done = [call for call in made if call["status"] == "done"]
    if not done:
        return "Nothing was done."
    return "Done so far:\n" + "\n".join(f"- {call['tool']}: {call['result'][:500]}" for call in done)
