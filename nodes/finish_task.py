"""End a task: what came of it, in the conversation and in the record."""

from typing import Any

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from nodes.begin_task import nested
from nodes.record import recorded
from state.agent import AgentState, Ending, MadeCall
from state.caller import thread_of, trace_of
from state.context import Context
from state.identity import asker
from state.postgres import agent_runs


async def finish_task(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The answer is the agent's last word; where a cap ended it, what was done so far."""
    identity, thread, trace_id = asker(runtime), thread_of(runtime), trace_of(runtime)
    ending, answer = _ended(state)
    if thread and not state["refusal"]:
        await agent_runs.mark(identity, thread, "stopped" if ending == "partial" else "done")
    update: dict[str, Any] = {"answer": answer, "ending": ending, "trace_id": trace_id}
    if nested(runtime):
        return update
    await recorded(identity, state, "refused" if state["refusal"] else "act", thread, trace_id)
    if not state["refusal"]:
        said = AIMessage(answer, response_metadata={"model_name": state["model"], "trace_id": trace_id})
        update["messages"] = [HumanMessage(state["question"]), said]
    return update


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
