"""Check the question, and begin the turn with a clean slate."""

import time
from typing import Any, Literal

from langgraph.runtime import Runtime

from state.assistant import AssistantState, Usage
from state.context import Context
from state.errors import KairosError
from state.identity import asker
from tools.guard.question import check_question


async def guard_input(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Refuse what is not a question; whatever an earlier turn left behind is put back."""
    identity = asker(runtime)
    owner = f"{identity.tenant}/{identity.principal}"
    if state.get("owner", owner) != owner:
        raise KairosError("thread_of_another", "This conversation belongs to another person.")
    return {
        "owner": owner,
        "refusal": check_question(state.get("question")),
        "started": time.time(),
        "candidates": [],
        "passages": [],
        "reranked_by": "",
        "rerank_error": None,
        "citations": [],
        "queries": [],
        "draft": "",
        "draft_id": "",
        "prompt": "",
        "answer": "",
        "model": "none",
        "usage": Usage(input_tokens=0, output_tokens=0, cost=0.0),
        "verdict": {"supported": False, "declined": False, "sentences": []},
    }


def after_guard(state: AssistantState) -> Literal["refuse", "route_question"]:
    """A refused question goes no further."""
    return "refuse" if state["refusal"] else "route_question"
