"""Weigh whether the passages hold the answer, before a model is asked for it."""

from typing import Any, Literal

from state.assistant import AssistantState
from tools.evidence import to_passages
from tools.reading.said import LEAST, probability
from tools.reading.weigh import weigh


async def assess(state: AssistantState) -> dict[str, Any]:
    """The calibrated probability that the passages say what is asked."""
    reads = await weigh(state["standalone"], to_passages(state["passages"]))
    return {"answerable": round(probability(reads), 4)}


def after_assess(state: AssistantState) -> Literal["generate", "rewrite", "decline"]:
    """Too little is searched once more, more widely; then it is said so."""
    if state["answerable"] >= LEAST:
        return "generate"
    return "rewrite" if len(state["queries"]) == 1 else "decline"
