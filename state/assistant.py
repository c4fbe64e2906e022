"""The state of the assistant machine: one conversation, a turn at a time."""

from typing import Annotated, Literal, NotRequired

from langchain_core.messages import AnyMessage
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict  # schemas need this one before Python 3.12

from state.guard import GuardVerdict
from state.passages import Candidate as Candidate
from state.passages import PassageData as PassageData
from state.plan import Plan

Route = Literal["knowledge", "act", "small_talk", "unclear", "refused"]


class Refusal(TypedDict):
    """Why a question was not taken: a code for machines, a sentence for people."""

    code: str
    sentence: str


class Citation(TypedDict):
    """One place that the answer rests on: characters `start` to `end` of the document's text are `quote`.

    version: that of the document which has this text; page: from 1, where the quote begins.
    """

    number: int
    document_id: int
    version: int
    document: str
    title: str
    page: int | None
    quote: str
    start: int
    end: int
    also_in: NotRequired[list[str]]


class VerifiedSentence(TypedDict):
    text: str
    citations: list[int]
    supported: bool
    score: float
    reason: str


class Verdict(TypedDict):
    """`supported`: every sentence rests on its cited passages; a declined answer has no sentences."""

    supported: bool
    declined: bool
    sentences: list[VerifiedSentence]


class Usage(TypedDict):
    """Tokens of all model calls of the turn; cost in US dollars, None when a price is unknown."""

    input_tokens: int
    output_tokens: int
    cost: float | None


class AssistantInput(TypedDict):
    question: str


class AssistantOutput(TypedDict):
    """`explanation`: what the guards said of the turn, where their policy lets the asker know."""

    answer: str
    citations: list[Citation]
    route: Route
    model: str
    verdict: Verdict
    usage: Usage
    refusal: Refusal | None
    explanation: list[GuardVerdict]
    trace_id: str


class AssistantState(AssistantInput, AssistantOutput):
    owner: str
    messages: Annotated[list[AnyMessage], add_messages]
    standalone: str
    queries: list[str]
    plan: Plan
    candidates: list[Candidate]
    passages: list[PassageData]
    reranked_by: str
    rerank_error: str | None
    guard: list[GuardVerdict]
    answerable: float
    explained: bool
    draft: str
    draft_id: str
    stopped: str
    prompt: str
    started: float
