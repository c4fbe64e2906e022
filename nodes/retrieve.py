"""Search the documents that the asker may see."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import asker
from state.passages import Candidate
from state.plan import Plan
from tools.models.catalog import serves
from tools.query.weak import weak
from tools.retrieval import find_planned


async def retrieve(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Candidates from BM25 and vectors, fused; where those of a first search are weak, the plan is to go on."""
    filters = (runtime.context or Context()).filters()
    found, plan = await find_planned(asker(runtime), state["plan"], filters)
    if plan["way"] == "short" and len(state["queries"]) == 1:
        plan = await _looked_at(plan, found)
    return {"candidates": found, "plan": plan}


def after_retrieve(state: AssistantState) -> Literal["deepen", "rerank"]:
    """A careful search has further queries, once."""
    plan = state["plan"]
    first = len(plan["queries"]) == 1 and len(state["queries"]) == 1
    return "deepen" if plan["way"] == "careful" and first else "rerank"


async def _looked_at(plan: Plan, found: list[Candidate]) -> Plan:
    reason = weak(found)
    if reason is None:
        return plan
    if not found or not await asyncio.to_thread(serves, "rewrite"):
        return {**plan, "why": f"{plan['why']} {reason}"}
    return {**plan, "way": "careful", "why": reason}
