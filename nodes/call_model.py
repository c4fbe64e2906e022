"""Ask the model what to do next, with the tools at hand."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Any, Literal

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from prompts import registry
from state.agent import AgentState
from state.caller import caller, thread_of
from state.context import Context
from state.identity import asker
from state.postgres import kill_switches
from tools.acting.agents import NAME, agent
from tools.acting.checking import stopped_by
from tools.acting.choosing import offered
from tools.acting.declared import declarations
from tools.acting.toolbox import toolbox
from tools.models.door import chat_model
from tools.models.errors import model_errors
from tools.models.usage import added
from tools.provenance.spotlight import RULE

REMEMBERED = 6
"""Messages of the conversation that a task may refer to."""


async def call_model(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """One more message of the trail: calls of tools, or what the agent has to say."""
    rules = await asyncio.to_thread(agent, NAME)
    switches = await kill_switches.thrown(asker(runtime), thread_of(runtime))
    if stop := stopped_by(switches, "", rules.name):
        return {"stop": stop}
    tools = await toolbox(rules, asker(runtime))
    names = state["offered"] or await offered(state["question"], tools)
    prompt = await asyncio.to_thread(registry.load, "agent")
    preferred = runtime.context.model if runtime.context else None
    model = await chat_model("agent", caller(runtime, "agent", "call_model"), preferred, prompt.hash)
    system, task = prompt.messages(
        today=f"{datetime.now(UTC):%A, %d %B %Y}", rule=RULE, task=state["question"]
    )
    bound = model.bind_tools(declarations([tools[name] for name in names if name in tools]))
    with model_errors(model.get_name()):
        message = await bound.ainvoke([system, *state["messages"][-REMEMBERED:], task, *state["trail"]])
    assert isinstance(message, AIMessage)  # noqa: S101 - chat models answer with one
    return {
        "trail": [message],
        "offered": names,
        "steps": state["steps"] + 1,
        "model": message.response_metadata["model_name"],
        "usage": added(state["usage"], message),
        "prompt": f"{prompt.name}:{prompt.hash}",
    }


def after_call(state: AgentState) -> Literal["check_calls", "finish_task"]:
    """Whoever calls no tool is through."""
    last = state["trail"][-1] if state["trail"] else None
    asks = isinstance(last, AIMessage) and (last.tool_calls or last.invalid_tool_calls)
    return "check_calls" if asks and not state["stop"] else "finish_task"


def capped(state: AgentState) -> str:
    """Which cap the task has reached, as a sentence; empty if none."""
    rules = agent(NAME)
    usage = state["usage"]
    tokens, dollars = usage["input_tokens"] + usage["output_tokens"], usage["cost"] or 0.0
    reached = {
        f"its {rules.steps} steps": state["steps"] >= rules.steps,
        f"its {rules.seconds:.0f} seconds": time.time() - state["started"] >= rules.seconds,
        f"its {rules.tokens:,} tokens": tokens >= rules.tokens,
        f"its {rules.dollars:.2f} dollars": dollars >= rules.dollars,
    }
    used = next((cap for cap, is_reached in reached.items() if is_reached), "")
    return f"The task has used up {used}." if used else ""
