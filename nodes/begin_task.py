"""Begin a task: check it by the policy in force, and start with a clean slate."""

import time
from typing import Any, Literal

from langchain_core.messages import RemoveMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES
from langgraph.runtime import Runtime

from nodes.confirm_question import asks
from nodes.guard_input import checked, owned_by
from state.agent import AgentState
from state.assistant import Usage
from state.caller import thread_of
from state.context import Context
from state.identity import asker
from state.postgres import agent_runs
from state.provenance import Origin, SourcedText
from tools.acting.agents import NAME


async def begin_task(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """What the asker says is trusted; everything that tools give later is not, unless its server is."""
    identity = asker(runtime)
    owner = owned_by(state, identity)
    within = nested(runtime)
    found = kept(state) if within else await checked(identity, state.get("question"), acts=True)
    if found["refusal"] is None and (thread := thread_of(runtime)):
        await agent_runs.begin(identity, thread, NAME, "assistant" if within else "agent")
    said = [str(message.text) for message in state.get("messages", []) if message.type == "human"]
    user = Origin(kind="user", name=identity.principal, trusted=True)
    asked = found.get("question", state.get("question"))
    return {
        "owner": owner,
        **found,
        "sources": [SourcedText(text=str(text), origin=user) for text in (*said, asked)],
        "started": time.time(),
        "paused": 0.0,
        "trail": [RemoveMessage(id=REMOVE_ALL_MESSAGES)],
        "offered": [],
        "planned": [],
        "made": [],
        "steps": 0,
        "stop": "",
        "answer": "",
        "ending": "done",
        "prompt": "",
        "model": "none",
        "usage": Usage(input_tokens=0, output_tokens=0, cost=0.0),
    }


def nested(runtime: Runtime[Context]) -> bool:
    """Whether this machine is a part of the assistant, which has checked the question and records the turn."""
    return runtime.execution_info is not None and "|" in runtime.execution_info.checkpoint_ns


def kept(state: AgentState) -> dict[str, Any]:
    """What the assistant's own check has said."""
    return {name: state[name] for name in ("question", "refusal", "guard", "explained")}


def after_begin(
    state: AgentState, runtime: Runtime[Context]
) -> Literal["finish_task", "confirm_task", "call_model"]:
    """A refused task goes no further; one that is doubted is put before the asker again, once."""
    if state["refusal"]:
        return "finish_task"
    return "confirm_task" if asks(state["guard"]) and not nested(runtime) else "call_model"
