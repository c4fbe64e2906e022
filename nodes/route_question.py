"""Decide what kind of question it is, and make a follow-up stand on its own."""

import asyncio
from typing import Any, Literal

from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from state.assistant import AssistantState
from state.context import Context
from state.identity import Identity, asker
from tools.acting.agents import NAME, agent
from tools.acting.toolbox import toolbox
from tools.acting.wanting import might_want, wants_tool
from tools.route import route
from tools.standalone import standalone

REMEMBERED = 6
"""Messages of the conversation that a follow-up may refer to."""


async def route_question(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The route and the standalone question, without a model; what a tool would do goes to the agent."""
    question = state["question"].strip()
    history = [_turn(message) for message in state.get("messages", [])[-REMEMBERED:]]
    alone = standalone(question, history)
    found = route(alone)
    if found != "small_talk" and await _is_task(alone, asker(runtime)):
        return {"route": "act", "standalone": alone}
    return {"route": found, "standalone": alone}


def after_route(state: AssistantState) -> Literal["chat", "agent", "understand"]:
    """Only questions of knowledge are searched for."""
    if state["route"] == "act":
        return "agent"
    return "understand" if state["route"] == "knowledge" else "chat"


async def _is_task(question: str, identity: Identity) -> bool:
    if not await asyncio.to_thread(might_want, question):
        return False
    rules = await asyncio.to_thread(agent, NAME)
    return await wants_tool(question, list((await toolbox(rules, identity)).values()))


def _turn(message: AnyMessage) -> tuple[str, str]:
    return ("user" if message.type == "human" else "assistant", str(message.text))
