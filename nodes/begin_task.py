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
from state.context import Context
from state.identity import asker
from state.postgres import agent_runs
from state.provenance import Origin, SourcedText
from tools.acting.agents import NAME


async def begin_task(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """What the asker says is trusted; everything that tools give later is not, unless its server is."""
    identity = asker(runtime)
    owner = owned_by(state, identity)
    found = await checked(identity, state.get("question"))
    run = runtime.execution_info
    if found["refusal"] is None and run is not None and run.thread_id:
        await agent_runs.begin(identity, run.thread_id, NAME, _machine(run.checkpoint_ns))
    said = [str(message.text) for message in state.get("messages", []) if message.type == "human"]
    user = Origin(kind="user", name=identity.principal, trusted=True)
    asked = found.get("question", state.get("question"))
    return {
        "owner": owner,
        **found,
        "sources": [SourcedText(text=str(text), origin=user) for text in (*said, asked)],
        "started": time.time(),
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


def _machine(place: str) -> str:
    """The graph at the top: this one, unless it is a part of the assistant."""
    return "assistant" if "|" in place else "agent"


def after_begin(state: AgentState) -> Literal["finish_task", "confirm_task", "call_model"]:
    """A refused task goes no further; one that is doubted is put before the asker again."""
    if state["refusal"]:
        return "finish_task"
    return "confirm_task" if asks(state["guard"]) else "call_model"
