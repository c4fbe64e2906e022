"""The tools that answer what waits for a person."""

from typing import Annotated, Any
from uuid import UUID

from mcp.server.mcpserver.resolve import Resolve
from pydantic import Field

from mcp_servers.callers import Call, asker
from mcp_servers.explaining import explained
from mcp_servers.platform.asking import turns
from mcp_servers.platform.confirming import Confirmation, as_edited, as_shown
from mcp_servers.platform.schemas import Approval, Approvals, Decision
from state.errors import KairosError
from state.inbox import Answer
from state.postgres import approvals

Id = Annotated[UUID, Field(description="From list_pending_approvals.")]


@explained
async def list_pending_approvals(call: Call) -> Approvals:
    """List what you may answer, oldest first."""
    rows = await approvals.pending(asker(call))
    known = [{name: row[name] for name in Approval.model_fields} for row in rows]
    return Approvals(approvals=[Approval(**one) for one in known])


@explained
async def approve(
    call: Call, approval_id: Id, person: Annotated[Confirmation, Resolve(as_shown)]
) -> Decision:
    """Have it done exactly as it is shown. The client puts it before the person, who decides.

    Raises KairosError person_needed, not_confirmed, and as `answer` does.
    """
    _require(person)
    return await _answered(call, approval_id, "accept", None)


@explained
async def edit(
    call: Call,
    approval_id: Id,
    arguments: Annotated[dict[str, Any], Field(description="All arguments of the call, as they are to be.")],
    person: Annotated[Confirmation, Resolve(as_edited)],
) -> Decision:
    """Have it done with other arguments; they are checked as the agent's are. The client puts it before the person.

    Raises KairosError edit_invalid, person_needed, not_confirmed, and as `answer` does.
    """
    _require(person)
    return await _answered(call, approval_id, "edit", arguments)


@explained
async def reject(
    call: Call,
    approval_id: Id,
    note: Annotated[str, Field(max_length=2000, description="What the agent is told.")] = "",
) -> Decision:
    """Have it not done. Raises KairosError as `answer` does."""
    return await _answered(call, approval_id, "response" if note else "ignore", note or None)


def _require(person: Confirmation) -> None:
    if not person.confirmed:
        raise KairosError("not_confirmed", "The person did not confirm it, so it waits on.")


async def _answered(call: Call, approval: UUID, kind: Answer, given: Any) -> Decision:
    """The answer; once it is decided the task goes on, as the person on whose behalf it acts."""
    from tools.acting.answering import answer

    row = await answer(asker(call), approval, kind, given)
    if row["status"] != "pending":
        turns(call).carry_on(row["thread_id"])
    return Decision(**{name: row[name] for name in Decision.model_fields})
