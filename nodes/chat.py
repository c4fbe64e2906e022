"""Answer what needs no documents."""

from typing import Any

from state.assistant import AssistantState
from tools.route import small_talk_reply

UNCLEAR = "I did not understand that. Please ask a whole question, such as: How many days of leave do I have?"


async def chat(state: AssistantState) -> dict[str, Any]:
    """A short, honest reply to small talk; a request to rephrase where the question is unclear."""
    reply = small_talk_reply(state["question"]) if state["route"] == "small_talk" else UNCLEAR
    return {"answer": reply}
