"""Check what the model wants to call, before anything happens."""

import asyncio
import time
from typing import Any, Literal
from uuid import NAMESPACE_OID, uuid5

from langchain_core.messages import AIMessage
from langgraph.runtime import Runtime

from state.agent import AgentState, PlannedCall
from state.caller import thread_of
from state.context import Context
from state.identity import asker
from state.postgres import kill_switches
from tools.acting.agents import NAME, agent
from tools.acting.asking import asked, waits
from tools.acting.checking import checked, refused, repeated
from tools.acting.declared import full_name
from tools.acting.toolbox import toolbox
from tools.provenance.sources import Sources

NO_OBJECT = "The arguments are no JSON object."


async def check_calls(state: AgentState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Each call with its way; those that need a person are put before people, once."""
    identity, rules = asker(runtime), await asyncio.to_thread(agent, NAME)
    thread = thread_of(runtime)
    tools, switches = await toolbox(rules, identity), await kill_switches.thrown(identity, thread)
    message = state["trail"][-1]
    assert isinstance(message, AIMessage)  # noqa: S101 - the router came here for its calls
    sources = Sources(state["sources"])
    planned = [
        call
        if call["way"] == "refuse"
        else await asyncio.to_thread(checked, call, tools.get(call["tool"]), rules, sources, switches)
        for call in _wanted(message)
    ]
    planned = [
        refused(call, "This very call was made before; its result stands above.")
        if repeated(call, state["made"], planned[:index], rules.repeats)
        else _doubted(call, message)
        for index, call in enumerate(planned)
    ]
    return {"planned": await asked(identity, thread, rules, tools, planned), "paused": time.time()}


def after_check(state: AgentState) -> Literal["approve_calls", "execute_calls"]:
    """People are asked first."""
    return "approve_calls" if any(waits(call) for call in state["planned"]) else "execute_calls"


def _wanted(message: AIMessage) -> list[PlannedCall]:
    """The message's calls; their ids are the same whenever this message is read again."""
    calls = [
        _planned(message, index, str(call["id"]), full_name(call["name"]), call["args"])
        for index, call in enumerate(message.tool_calls)
    ]
    broken = message.response_metadata.get("broken_calls", ())
    calls = [refused(call, NO_OBJECT) if place in broken else call for place, call in enumerate(calls)]
    for index, wrong in enumerate(message.invalid_tool_calls, len(calls)):
        call = _planned(message, index, str(wrong["id"]), full_name(str(wrong["name"])), {})
        calls.append(refused(call, NO_OBJECT))
    return calls


def _planned(
    message: AIMessage, index: int, call_id: str, tool: str, arguments: dict[str, Any]
) -> PlannedCall:
    return PlannedCall(
        id=str(uuid5(NAMESPACE_OID, f"{message.id}/{index}")),
        call_id=call_id,
        tool=tool,
        arguments=arguments,
        risk="read",
        way="run",
        why="",
        reasons=[],
        description="",
        again=False,
    )


def _doubted(call: PlannedCall, message: AIMessage) -> PlannedCall:
    """Arguments that were guessed are confirmed before anything is changed by them."""
    guessed = message.response_metadata.get("guessed") and call["risk"] != "read" and call["way"] == "run"
    return PlannedCall({**call, "way": "approve"}) if guessed else call
