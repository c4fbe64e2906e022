"""Record the turn: a row of what it took, and the exchange in the conversation."""

import time
from collections.abc import Mapping
from typing import Any

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.caller import thread_of, trace_of
from state.context import Context
from state.identity import Identity, asker
from state.postgres import guard_verdicts, turns


async def record(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """One row in `turns`; question and answer join the messages, the answer with its citations."""
    trace_id, verdict = trace_of(runtime), state["verdict"]
    knowledge = verdict["declined"], verdict["supported"], len(state["queries"])
    await recorded(asker(runtime), state, state["route"], thread_of(runtime), trace_id, knowledge)
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


async def recorded(
    identity: Identity,
    state: Mapping[str, Any],
    route: str,
    thread_id: str,
    trace_id: str,
    knowledge: tuple[bool, bool, int] = (False, False, 0),
) -> None:
    """The row of a turn, and what guards said of it. knowledge: declined, supported, how many queries."""
    usage, refusal = state["usage"], state["refusal"]
    declined, supported, queries = knowledge
    turn = turns.Turn(
        thread_id=thread_id,
        trace_id=trace_id,
        route=route,
        refusal=refusal["code"] if refusal else None,
        declined=declined,
        supported=supported,
        model=state["model"],
        prompt=state["prompt"],
        queries=queries,
        input_tokens=usage["input_tokens"],
        output_tokens=usage["output_tokens"],
        cost=usage["cost"],
        seconds=time.time() - state["started"],
    )
    await turns.add(identity, turn)
    if state["guard"]:
        await guard_verdicts.add(identity, trace_id, state["guard"])
