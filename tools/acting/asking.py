"""Putting calls before people: who is asked, for how long, and what exactly they are shown."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID, uuid5

from state.agent import PlannedCall
from state.identity import Identity
from state.postgres import agent_runs, approvals
from state.postgres.approvals import Asked
from tools.acting.agents import Agent
from tools.acting.eliciting import blank, shown
from tools.tool import Tool

_TICKS = re.compile(r"`{3,}")
_LOST = (
    "**It is not known whether this call had its effect**: the process that made it is gone. Accept to have it made "
    "again, ignore to leave it; a response is passed on to the agent.\n\n"
)


async def asked(
    identity: Identity, thread: str, rules: Agent, tools: Mapping[str, Tool], planned: Sequence[PlannedCall]
) -> list[PlannedCall]:
    """The calls, those that wait with their descriptions; they are pending in Postgres from now on."""
    found = [
        PlannedCall({**call, "description": described(call, tools[call["tool"]])}) if waits(call) else call
        for call in planned
    ]
    waiting = [call for call in found if waits(call)]
    if waiting:
        requests = [_asked(call, tools[call["tool"]], rules, thread) for call in waiting]
        await approvals.ask(identity, requests)
        await agent_runs.mark(identity, thread, "waiting")
    return found


def waits(call: PlannedCall) -> bool:
    """Whether people must decide about it, or answer what it asks."""
    return call["way"] in ("approve", "unknown", "ask")


def approval_id(call: PlannedCall) -> UUID:
    """The approval of a call; whether to make one again that was lost is another question than whether to make it."""
    key = UUID(call["id"])
    if call["way"] == "ask":
        last = call.get("questions", [])[-1]
        return uuid5(key, json.dumps((last["message"], last["form"]), sort_keys=True))
    return uuid5(key, "again") if call["way"] == "unknown" else key


def described(call: PlannedCall, tool: Tool) -> str:
    """What a person reads before they approve: exactly what will happen, and why they are asked (Markdown)."""
    if call["way"] == "ask":
        return shown(call)
    import yaml

    arguments = yaml.safe_dump(call["arguments"], allow_unicode=True, sort_keys=False).rstrip()
    fence = "`" * (3 + max((len(run) for run in _TICKS.findall(arguments)), default=0))
    lost = _LOST if call["way"] == "unknown" else ""
    why = f"\n\n{call['why']}" if call["why"] else ""
    about = " ".join(tool.description.split())
    return f"{lost}**{tool.name}** ({call['risk']}): {about}\n\n{fence}yaml\n{arguments}\n{fence}{why}"


def _asked(call: PlannedCall, tool: Tool, rules: Agent, thread: str) -> Asked:
    rule = rules.rule(tool, call["risk"])
    asks = rule.decide in ("approve", "two_approvers")
    one = Asked(
        id=approval_id(call),
        thread_id=thread,
        tool=tool.name,
        risk=call["risk"],
        arguments=call["arguments"],
        description=call["description"],
        approvers=rule.approvers,
        own=rule.own or not asks,  # provenance or a lost call asks where no rule does: then the asker may say
        needed=2 if rule.decide == "two_approvers" else 1,
        expires=timedelta(hours=rule.expires_hours),
        remind=_hours(rule.remind_hours),
        escalate=_hours(rule.escalate_hours),
        escalate_to=rule.escalate_to,
    )
    return _question(one, call) if call["way"] == "ask" else one


def _question(one: Asked, call: PlannedCall) -> Asked:
    """What a tool asks is for its asker alone to answer."""
    last = call.get("questions", [])[-1]
    alone = replace(one, approvers=(), own=True, needed=1, escalate=None, escalate_to=())
    return replace(alone, arguments=blank(last), form=last["form"])


def _hours(number: float | None) -> timedelta | None:
    return None if number is None else timedelta(hours=number)
