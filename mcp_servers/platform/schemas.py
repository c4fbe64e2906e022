"""What the tools give, as their output schemas say it."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field


class Citation(BaseModel):
    """One place that the answer rests on; read it with the resource `uri` of the server knowledge."""

    number: int = Field(description="As in the answer's [1].")
    document_id: int
    version: int
    document: str
    title: str
    page: int | None
    quote: str
    start: int
    end: int


class Answer(BaseModel):
    """An answer with what it rests on."""

    answer: str
    citations: list[Citation]
    supported: bool = Field(description="Every sentence rests on the passages that it cites.")
    declined: bool = Field(description="The documents do not hold the answer.")
    route: str
    model: str
    input_tokens: int
    output_tokens: int
    cost: float | None = Field(description="US dollars; none: a price is unknown.")
    thread_id: str = Field(description="Ask with it to go on with this conversation.")
    trace_id: str


class Started(BaseModel):
    thread_id: str = Field(description="Follow the task with it.")


class Call(BaseModel):
    """A call of a tool that the task made, or was not allowed to make."""

    tool: str
    arguments: dict[str, Any]
    risk: str
    status: str
    result: str


class Standing(BaseModel):
    """How a task stands."""

    thread_id: str
    status: Literal["running", "waiting", "done", "stopped", "failed", "lost"] = Field(
        description="waiting: for an approval; lost: its process is gone, resume it."
    )
    answer: str | None
    ending: str | None = Field(
        description="done, partial, refused, or asks: it needs to know something more."
    )
    made: list[Call]
    waiting: list[str] = Field(description="What people are asked, in Markdown.")
    error: str | None


class Approval(BaseModel):
    """A call that waits for a person."""

    id: UUID
    principal: str = Field(description="On whose behalf it would be made.")
    thread_id: str
    tool: str
    risk: str
    arguments: dict[str, Any]
    form: dict[str, Any] | None = Field(
        description="JSON Schema of the arguments that `edit` is to give, where a tool asks its asker something."
    )
    description: str = Field(description="What exactly will happen, or what is asked (Markdown).")
    needed: int = Field(description="How many people must accept it.")
    answers: int = Field(description="How many have.")
    created_at: datetime
    expires_at: datetime


class Approvals(BaseModel):
    approvals: list[Approval]


class Decision(BaseModel):
    """An approval after an answer; once it is decided its task goes on by itself."""

    id: UUID
    status: Literal["pending", "accepted", "rejected"]
    needed: int
    answers: int
