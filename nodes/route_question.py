"""Decide what kind of question it is, and make a follow-up stand on its own."""

from typing import Any, Literal

from langchain_core.messages import AnyMessage

from state.assistant import AssistantState
from tools.route import route
from tools.standalone import standalone

REMEMBERED = 6
"""Messages of the conversation that a follow-up may refer to."""


async def route_question(state: AssistantState) -> dict[str, Any]:
    """The route and the standalone question; both by rules, without a model."""
    question = state["question"].strip()
    history = [_turn(message) for message in state.get("messages", [])[-REMEMBERED:]]
    alone = standalone(question, history)
    return {"route": route(alone), "standalone": alone}


def after_route(state: AssistantState) -> Literal["chat", "understand"]:
    """Only questions of knowledge are searched for."""
    return "understand" if state["route"] == "knowledge" else "chat"


def _turn(message: AnyMessage) -> tuple[str, str]:
    return ("user" if message.type == "human" else "assistant", str(message.text))
