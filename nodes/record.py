"""Record the turn: a row of what it took, and the exchange in the conversation."""

import time
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from state.postgres import guard_verdicts, turns


async def record(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """One row in `turns`; question and answer join the messages, the answer with its citations."""
    run = runtime.execution_info
    trace_id = (run.run_id if run else None) or str(uuid4())
    identity = asker(runtime)
    await turns.add(identity, _row(state, (run.thread_id if run else None) or "", trace_id))
    if state["guard"]:
        await guard_verdicts.add(identity, trace_id, state["guard"])
    answer = AIMessage(
        content=state["answer"],
        id=state["draft_id"] or None,
        additional_kwargs={"citations": state["citations"]},
        response_metadata={"model_name": state["model"], "trace_id": trace_id},
    )
    update = {"explanation": state["guard"] if state["explained"] else [], "trace_id": trace_id}
    if state["refusal"]:
        return update
    return {"messages": [HumanMessage(content=state["question"]), answer], **update}


def _row(state: AssistantState, thread_id: str, trace_id: str) -> turns.Turn:
    usage, refusal = state["usage"], state["refusal"]
    return turns.Turn(
        thread_id=thread_id,
        trace_id=trace_id,
        route=state["route"],
        refusal=refusal["code"] if refusal else None,
        declined=state["verdict"]["declined"],
        supported=state["verdict"]["supported"],
        model=state["model"],
        prompt=state["prompt"],
        queries=len(state["queries"]),
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        cost=usage["cost"],
        seconds=time.time() - state["started"],
    )
