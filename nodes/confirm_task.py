"""Ask the asker before a task goes on that a policy has a doubt about."""

from typing import Any, Literal

from langgraph.types import interrupt

from nodes.confirm_question import NOT_CONFIRMED, doubt
from state.agent import AgentState
from state.inbox import answer_of


async def confirm_task(state: AgentState) -> dict[str, Any]:
    """Interrupt with what was found; `accept` lets the task go on, any other answer ends it."""
    kind, _ = answer_of(interrupt(doubt(state["question"], state["guard"])))
    return {"refusal": None if kind == "accept" else NOT_CONFIRMED}


def after_confirm(state: AgentState) -> Literal["finish_task", "call_model"]:
    """A task that was not confirmed goes no further."""
    return "finish_task" if state["refusal"] else "call_model"
