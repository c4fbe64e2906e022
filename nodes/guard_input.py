"""Check the question by the policy in force, and begin the turn with a clean slate."""

import time
from collections.abc import Mapping
from typing import Any, Literal

from langgraph.runtime import Runtime

from nodes.confirm_question import asks
from state.assistant import AssistantState, Refusal, Usage
from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from tools.acting.imperatives import asks_to_act
from tools.embed.embedder import embedder
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.outcome import withheld
from tools.guard.policy.choosing import policy_for
from tools.guard.question import check_question


async def guard_input(state: AssistantState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Refuse what is not a question; whatever an earlier turn left behind is put back."""
    identity = asker(runtime)
    return {
        "owner": owned_by(state, identity),
        **await checked(identity, state.get("question")),
        "started": time.time(),
        "candidates": [],
        "passages": [],
        "reranked_by": "",
        "rerank_error": None,
        "citations": [],
        "queries": [],
        "draft": "",
        "draft_id": "",
        "stopped": "",
        "prompt": "",
        "answer": "",
        "model": "none",
        "usage": Usage(input_tokens=0, output_tokens=0, cost=0.0),
        "verdict": {"supported": False, "declined": False, "sentences": []},
    }


def owned_by(state: Mapping[str, Any], identity: Identity) -> str:
    """Whose conversation it is. Raises KairosError thread_of_another."""
    owner = f"{identity.tenant}/{identity.principal}"
    if state.get("owner", owner) != owner:
        raise KairosError("thread_of_another", "This conversation belongs to another person.")
    return owner


async def checked(identity: Identity, question: object, acts: bool = False) -> dict[str, Any]:
    """Refusal and verdicts; a question that held secrets goes on without them.

    Personal data stays: what a policy redacts of it, only models do not see.
    """
    refusal = check_question(question)
    if refusal or not isinstance(question, str):
        return {"refusal": refusal, "guard": [], "explained": False}
    await embedder()  # where it is set up wrongly, that is what is to be said, and nothing of the question
    policy = await policy_for(identity.tenant)
    about = About(identity, question=question, acts=acts or asks_to_act(question))
    outcome = await apply(policy, "input", question, about, "question")
    if refused := outcome.refusal:
        refusal = Refusal(code=refused["code"], sentence=refused["sentence"])
    return {
        "question": withheld(question, [v for v in outcome.of("redact") if v["check"] != "personal_data"]),
        "refusal": refusal,
        "guard": list(outcome.verdicts),
        "explained": policy.explain,
    }


def after_guard(state: AssistantState) -> Literal["refuse", "confirm_question", "route_question"]:
    """A refused question goes no further; one that is doubted is put before the asker again."""
    if state["refusal"]:
        return "refuse"
    return "confirm_question" if asks(state["guard"]) else "route_question"
