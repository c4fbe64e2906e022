"""Say why a question is not taken."""

from typing import Any

from state.assistant import AssistantState


async def refuse(state: AssistantState) -> dict[str, Any]:
    """The refusal's sentence is the answer."""
    refusal = state["refusal"]
    return {"route": "refused", "answer": refusal["sentence"] if refusal else ""}
