"""Check the question, and begin the turn with a clean slate."""

import time
from typing import Any, Literal

from state.assistant import AssistantState, Usage
from tools.guard import check_question


async def guard_input(state: AssistantState) -> dict[str, Any]:
    """Refuse what is not a question; whatever an earlier turn left behind is put back."""
    return {
        "refusal": check_question(state.get("question")),
        "started": time.time(),
        "candidates": [],
        "passages": [],
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
