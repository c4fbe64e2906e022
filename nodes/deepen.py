"""Ask the model once for further queries; without an answer in time the search goes on with the plain question."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime

from prompts import registry
from state.assistant import AssistantState, Usage
from state.caller import Caller, caller
from state.context import Context
from state.errors import KairosError
from state.plan import Query
from tools.models.catalog import serves
from tools.models.door import chat_model
from tools.models.errors import answer_text, model_errors
from tools.models.usage import added
from tools.query.technique import REASONS, Technique, queries, technique

LIMIT_S = 8.0


async def deepen(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The plan with the model's queries beside the question; or as it was, with the reason why."""
    plan, kind = state["plan"], technique(state["plan"])
    if not await asyncio.to_thread(serves, "rewrite"):
        return {"plan": {**plan, "why": f"{plan['why']} No model is there to write further queries."}}
    try:
        async with asyncio.timeout(LIMIT_S):
            texts, usage = await _ask(
                plan["standalone"], kind, state["usage"], caller(runtime, "assistant", "deepen")
            )
    except (KairosError, TimeoutError) as error:
        cause = str(error) or f"The model took more than {LIMIT_S:.0f} s."
        return {"plan": {**plan, "why": f"{plan['why']} No further queries: {cause}"}}
    further = [Query(text=text, reason=REASONS[kind]) for text in texts if text != plan["standalone"]]
    return {"plan": {**plan, "queries": [*plan["queries"], *further]}, "usage": usage}


def after_deepen(state: AssistantState) -> Literal["retrieve", "rerank"]:
    """Without further queries the first hits stand."""
    return "retrieve" if len(state["plan"]["queries"]) > 1 else "rerank"


async def _ask(question: str, kind: Technique, usage: Usage, by: Caller) -> tuple[list[str], Usage]:
    prompt = await asyncio.to_thread(registry.load, kind)
    model = await chat_model("rewrite", by, prompt_hash=prompt.hash)
    name = model.get_name()
    with model_errors(name):
        message = await model.ainvoke(prompt.messages(question=question), {"tags": ["nostream"]})
    return queries(answer_text(name, message), kind), added(usage, message)
