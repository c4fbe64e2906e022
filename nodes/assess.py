"""Weigh whether the passages hold the answer, before a model is asked for it."""

from typing import Any, Literal

from state.assistant import AssistantState
from tools.evidence import to_passages
from tools.reading.said import HOPELESS, LEAST, probability
from tools.reading.weigh import weigh

FIRST = 4
"""Passages that mostly decide: further ones can only make it likelier."""


async def assess(state: AssistantState) -> dict[str, Any]:
    """The calibrated probability that the passages say what is asked; at least so much, where the best ones do."""
    best = sorted(to_passages(state["passages"]), key=lambda passage: -passage.score)
    said = probability(await weigh(state["standalone"], best[:FIRST]))
    if said < LEAST:
        said = probability(await weigh(state["standalone"], best))
    return {"answerable": round(said, 4)}


def after_assess(state: AssistantState) -> Literal["generate", "rewrite", "decline"]:
    """Too little is searched for once more, more widely; where that is hopeless too, no model is asked."""
    if state["answerable"] >= LEAST:
        return "generate"
    widened = len(state["queries"]) > 1 or len(state["plan"]["queries"]) > 1
    return "rewrite" if state["passages"] and not widened else unsaid(state)


def unsaid(state: AssistantState) -> Literal["generate", "decline"]:
    """What is left when no other query helps."""
    return "generate" if state["answerable"] >= HOPELESS else "decline"
