"""Ask the index in other words."""

import asyncio
from typing import Any, Literal

from langgraph.runtime import Runtime

from nodes.assess import unsaid
from prompts import registry
from state.assistant import AssistantState, Usage
from state.caller import Caller, caller
from state.context import Context
from state.plan import Query
from tools.models.catalog import serves
from tools.models.door import chat_model
from tools.models.errors import answer_text, model_errors
from tools.models.usage import added
from tools.rewriting import widen


async def rewrite(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """One more query, in place of the plan's: by the model that serves rewriting, else from the nearest headings."""
    if await asyncio.to_thread(serves, "rewrite"):
        query, usage = await _ask(state, caller(runtime, "assistant", "rewrite"))
    else:
        headings = [" ".join([passage["title"], *passage["headings"]]) for passage in state["passages"]]
        query, usage = widen(state["standalone"], headings), state["usage"]
    plan = {**state["plan"], "queries": [Query(text=query, reason="the passages did not answer")]}
    return {"queries": [*state["queries"], query], "plan": plan, "usage": usage}


def after_rewrite(state: AssistantState) -> Literal["retrieve", "record", "generate", "decline"]:
    """A query that was tried before ends the search: what was answered stands, or is answered from what there is."""
    if state["queries"][-1] not in state["queries"][:-1]:
        return "retrieve"
    return "record" if state["draft"] else unsaid(state)


async def _ask(state: AssistantState, by: Caller) -> tuple[str, Usage]:
    prompt = await asyncio.to_thread(registry.load, "rewrite")
    unsupported = [s["text"] for s in state["verdict"]["sentences"] if not s["supported"]]
    messages = prompt.messages(
        question=state["standalone"], tried="\n".join(state["queries"]), unsupported="\n".join(unsupported)
    )
    model = await chat_model("rewrite", by, prompt_hash=prompt.hash)
    name = model.get_name()
    with model_errors(name):
        message = await model.ainvoke(messages, {"tags": ["nostream"]})
    return answer_text(name, message).splitlines()[0], added(state["usage"], message)
