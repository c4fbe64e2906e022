"""A question that a tool asks while it runs, put before its asker; the tool is called again with the answer."""

from collections.abc import Mapping
from typing import Any

from state.agent import PlannedCall, Question
from state.identity import Identity
from tools.acting.checking import refused
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.policy.choosing import policy_for
from tools.mcp.elicitation import AskedBackError
from tools.mcp.faults import said

MOST_QUESTIONS = 5
"""That one call may ask, before it is stopped."""


async def put(identity: Identity, call: PlannedCall, back: AskedBackError) -> PlannedCall:
    """The call as one that waits for an answer; not made where it asks too much, or what the policy withholds."""
    questions = call.get("questions", [])
    if len(questions) >= MOST_QUESTIONS:
        return refused(call, f"{call['tool']} asks again and again, and was stopped.")
    policy = await policy_for(identity.tenant)
    outcome = await apply(policy, "tool", back.question["message"], About(identity), call["tool"])
    if outcome.refusal:
        return refused(call, f"What {call['tool']} asks was withheld: {outcome.refusal['sentence']}")
    return PlannedCall(
        {**call, "way": "ask", "why": said(back.said), "questions": [*questions, back.question]}
    )


def answered(call: PlannedCall, given: Mapping[str, Any]) -> PlannedCall:
    """The call as one that may be made, with the answer to its last question."""
    *before, last = call.get("questions", [])
    found = Question({**last, "answer": dict(given)})
    return PlannedCall({**call, "way": "run", "why": "", "again": False, "questions": [*before, found]})


def blank(question: Question) -> dict[str, Any]:
    """The form as it is before somebody fills it in."""
    fields = question["form"].get("properties", {})
    return {name: about.get("default") for name, about in fields.items()}


def shown(call: PlannedCall) -> str:
    """What the person reads (Markdown); the words of a server are quoted, line by line."""
    question = call.get("questions", [])[-1]
    quoted = "\n".join(f"> {said(line)}" for line in question["message"].splitlines())
    where = f"\n\nIt wants you to go to {question['url']} first." if question["url"] else ""
    told = f" Told that nobody answers yet, it said: “{call['why']}”" if call["why"] else ""
    return (
        f"**{call['tool']}** asks you something before it goes on:\n\n{quoted}{where}\n\n"
        f"Once this is answered the tool is called again, with the answer.{told}"
    )
