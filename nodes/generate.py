"""Ask the answering model, once, with the passages before it."""

import asyncio
from typing import Any

from langgraph.runtime import Runtime

from prompts import registry
from state.assistant import AssistantState
from state.caller import caller
from state.context import Context
from state.guard import GuardVerdict, takes
from tools.evidence import to_passages
from tools.guard.canary import canary
from tools.guard.outcome import stopped
from tools.models.door import chat_model
from tools.models.errors import answer_text, model_errors
from tools.models.usage import added
from tools.passages import render
from tools.provenance.spotlight import new_mark


async def generate(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """A draft that cites the passages by number; it is streamed as it comes."""
    prompt = await asyncio.to_thread(registry.load, "answer")
    preferred = runtime.context.model if runtime.context else None
    by, word = caller(runtime, "assistant", "generate"), canary()
    model = await chat_model("answer", by, preferred, prompt.hash, word)
    name = model.get_name()
    block = render(to_passages(state["passages"]), new_mark())
    with model_errors(name):
        message = await model.ainvoke(
            prompt.messages(passages=block, question=state["standalone"], canary=word)
        )
    verdicts: list[GuardVerdict] = message.response_metadata.get("guard", [])
    mark = next((stopped(one) for one in verdicts if takes(one, "refuse")), "")
    return {
        "draft": answer_text(name, message).removesuffix(mark).rstrip(),
        "stopped": mark,
        "guard": [*state["guard"], *verdicts],
        "draft_id": message.id or "",
        "model": message.response_metadata["model_name"],
        "prompt": f"{prompt.name}:{prompt.hash}",
        "usage": added(state["usage"], message),
    }
