"""Say that the documents hold no answer, without asking a model."""

from typing import Any

from state.assistant import AssistantState, Verdict
from tools.decline import declined


async def decline(state: AssistantState) -> dict[str, Any]:
    """The nearest pages are named; what an earlier query found of the answer stands."""
    if state["citations"]:
        return {}
    return {
        "answer": declined(state["passages"], state.get("guard", [])),
        "citations": [],
        "verdict": Verdict(supported=False, declined=True, sentences=[]),
    }
