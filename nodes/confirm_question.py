"""Ask the asker before a question goes on that a policy has a doubt about."""

from typing import Any, Literal

from langgraph.types import interrupt

from state.assistant import AssistantState, Refusal
from state.guard import GuardVerdict, takes
from state.inbox import Action, Allowed, Request, answer_of

NOT_CONFIRMED = Refusal(
    code="not_confirmed", sentence="You did not confirm the question, so it was not asked."
)


async def confirm_question(state: AssistantState) -> dict[str, Any]:
    """Interrupt with what was found; `accept` lets the question go on, any other answer ends the turn."""
    kind, _ = answer_of(interrupt(doubt(state["question"], state["guard"])))
    return {"refusal": None if kind == "accept" else NOT_CONFIRMED}


def after_confirm(state: AssistantState) -> Literal["refuse", "route_question"]:
    """A question that was not confirmed goes no further."""
    return "refuse" if state["refusal"] else "route_question"


def asks(verdicts: list[GuardVerdict]) -> list[GuardVerdict]:
    """Those that ask for a confirmation, and not only in a dry run."""
    return [one for one in verdicts if takes(one, "ask")]


def doubt(question: str, verdicts: list[GuardVerdict]) -> Request:
    """What the asker is asked: the question, and the sentences of the rules that ask."""
    sentences = dict.fromkeys(one["sentence"] for one in asks(verdicts))
    return Request(
        action_request=Action(action="ask_question", args={"question": question}),
        config=Allowed(allow_accept=True, allow_edit=False, allow_respond=False, allow_ignore=True),
        description="\n".join(sentences),
    )
