"""Approvals over HTTP: what waits for the asker, and their answers; the task goes on in the background."""

from typing import Any
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel, ConfigDict

from app.acting import carry_on
from app.users import identity_of
from state.inbox import Answer
from state.postgres import approvals
from tools.acting.answering import answer


class Answered(BaseModel):
    """In the schema of Agent Inbox: `args` is an edit's action or arguments, or a response's text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: Answer
    args: Any = None


async def pending(request: Request) -> dict[str, Any]:
    """What the asker may answer, oldest first."""
    return {"approvals": await approvals.pending(identity_of(request.user))}


async def decide(approval: UUID, given: Answered, request: Request) -> dict[str, Any]:
    """Take the answer. Once it is decided the task goes on, as the person on whose behalf it acts."""
    row = await answer(identity_of(request.user), approval, given.type, given.args)
    if row["status"] != "pending":
        carry_on(row["thread_id"])
    return {"id": str(row["id"]), **{key: row[key] for key in ("status", "needed", "answers")}}
