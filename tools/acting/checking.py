"""Whether a call may be made: switches, schema, provenance, and the agent's rules of approval."""

from collections.abc import Iterable, Sequence

from psycopg.rows import DictRow

from state.agent import MadeCall, PlannedCall, Way
from state.provenance import ToolCall
from tools.acting.agents import Agent, Decide
from tools.provenance.decide import decide
from tools.provenance.sources import Sources
from tools.tool import Tool

_WAYS: dict[Decide, Way] = {
    "auto": "run",
    "log": "run",
    "approve": "approve",
    "two_approvers": "approve",
    "refuse": "refuse",
}


def checked(
    call: PlannedCall, tool: Tool | None, agent: Agent, sources: Sources, switches: Sequence[DictRow]
) -> PlannedCall:
    """The call with its way; what refuses comes first, then the stricter of provenance and approval rules."""
    if tool is None:
        return refused(call, f"There is no tool {call['tool']!r}.")
    if stopped := stopped_by(switches, tool.name, agent.name):
        return refused(call, stopped)
    if wrong := tool.mismatch(call["arguments"]):
        return refused(call, f"The arguments are wrong: {wrong}.")
    found = decide(_for_provenance(call, tool), sources)
    way = _WAYS[agent.rule(tool, found["risk"]).decide]
    if found["action"] == "refuse":
        return refused(call, found["sentence"])
    if way == "refuse":
        return refused(call, f"No rule of the agent {agent.name} allows {tool.name} ({found['risk']}).")
    if found["action"] == "approve":
        way = "approve"
    return PlannedCall(
        {**call, "risk": found["risk"], "way": way, "why": found["sentence"], "reasons": found["reasons"]}
    )


def refused(call: PlannedCall, why: str) -> PlannedCall:
    """The call as one that is not made."""
    return PlannedCall({**call, "way": "refuse", "why": why})


def stopped_by(switches: Iterable[DictRow], tool: str, agent: str) -> str:
    """Which kill switch holds for a call, as a sentence; empty if none does."""
    server = tool.partition(".")[0]
    names = {"tool": tool, "server": server, "agent": agent}
    for switch in switches:
        if switch["kind"] == "tenant":
            return f"All acting was stopped by {switch['principal']}: {switch['reason']}"
        if switch["kind"] == "run":
            return "The task was cancelled."
        if names[switch["kind"]] == switch["name"]:
            return f"The {switch['kind']} {switch['name']} was stopped by {switch['principal']}: {switch['reason']}"
    return ""


def repeated(
    call: PlannedCall, made: Sequence[MadeCall], beside: Sequence[PlannedCall], repeats: int
) -> bool:
    """Whether the very same call was made before in this task, or stands `beside` before it, as often as it may be.

    What changes anything is done once: an effect that a model asks for twice is one that it lost sight of.
    """
    before = [one for one in made if _same(one, call)]
    waiting = [one for one in beside if _same(one, call)]
    done = any(one["status"] == "done" for one in before) or any(one["way"] != "refuse" for one in waiting)
    return len(before) + len(waiting) >= repeats or (done and call["risk"] != "read")


def _same(one: MadeCall | PlannedCall, call: PlannedCall) -> bool:
    return one["tool"] == call["tool"] and one["arguments"] == call["arguments"]


def _for_provenance(call: PlannedCall, tool: Tool) -> ToolCall:
    return ToolCall(
        name=tool.name,
        args=call["arguments"],
        risk=tool.risk,
        parameters=dict(tool.parameters),
        roles=dict(tool.roles),
    )
