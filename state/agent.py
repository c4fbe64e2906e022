"""The state of the agent machine: one task, from its first call of a model to what came of it."""

from typing import Annotated, Any, Literal, NotRequired

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from state.assistant import Refusal, Usage
from state.guard import GuardVerdict
from state.provenance import Reason, Risk, SourcedText

Way = Literal["run", "approve", "refuse", "unknown", "ask"]
"""What is done about a call: made, put before a person first, not made; or nobody knows whether it was made; or its
tool asks the person something first."""


class Question(TypedDict):
    """What a tool asks back (MCP elicitation). form: JSON Schema of the answer; empty: it is answered at `url`."""

    message: str
    form: dict[str, Any]
    url: str
    answer: dict[str, Any] | None


class PlannedCall(TypedDict):
    """A call that the model asks for. id: its idempotency key (a UUID); call_id: the model's name for it.

    why: what the model or a person is told of the decision. reasons: the untrusted origins of its arguments.
    description: what people are shown who approve it. again: a person has said that it is to be made once more.
    questions: what the tool has asked so far; absent in tasks that began before tools could ask.
    """

    id: str
    call_id: str
    tool: str
    arguments: dict[str, Any]
    risk: Risk
    way: Way
    why: str
    reasons: list[Reason]
    description: str
    again: bool
    questions: NotRequired[list[Question]]


class MadeCall(TypedDict):
    """A call as it ended: what the tool gave, or why it was not made."""

    id: str
    tool: str
    arguments: dict[str, Any]
    risk: Risk
    status: Literal["done", "failed", "refused"]
    result: str


Ending = Literal["done", "partial", "refused", "asks"]
"""done: the model was through; partial: a cap or a kill switch ended it; asks: it needs to know something more."""


class AgentInput(TypedDict):
    question: str


class AgentOutput(TypedDict):
    answer: str
    ending: Ending
    made: list[MadeCall]
    model: str
    usage: Usage
    refusal: Refusal | None
    trace_id: str


class AgentState(AgentInput, AgentOutput):
    """`trail`: the messages between model and tools of this task; `messages`: the conversation, a pair a task.

    `started`, `paused`: seconds since 1970; waiting for people moves `started` on, so that it counts as no time.
    """

    owner: str
    messages: Annotated[list[AnyMessage], add_messages]
    trail: Annotated[list[AnyMessage], add_messages]
    offered: list[str]
    planned: list[PlannedCall]
    sources: list[SourcedText]
    steps: int
    started: float
    paused: float
    guard: list[GuardVerdict]
    explained: bool
    prompt: str
    stop: str
