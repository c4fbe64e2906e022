"""What changes something is put before the person by the client, not by the model that calls."""

from typing import Any
from uuid import UUID

from mcp.server.mcpserver.resolve import Elicit
from pydantic import BaseModel, Field

from mcp_servers.callers import Call, asker
from mcp_servers.explaining import explained
from state.errors import KairosError
from state.postgres import approvals


class Confirmation(BaseModel):
    """What the person says."""

    confirmed: bool = Field(title="Have it done", description="Exactly as it is shown.")


@explained
async def as_shown(call: Call, approval_id: UUID) -> Confirmation | Elicit[Confirmation]:
    """Ask the person whether it is to be done. Raises KairosError person_needed."""
    return await _asked(call, approval_id, "")


@explained
async def as_edited(
    call: Call, approval_id: UUID, arguments: dict[str, Any]
) -> Confirmation | Elicit[Confirmation]:
    """Ask the person whether it is to be done with these arguments. Raises KairosError person_needed."""
    import yaml

    given = yaml.safe_dump(arguments, allow_unicode=True, sort_keys=False)
    return await _asked(call, approval_id, f"\n\nIt is to be done with these arguments instead:\n\n{given}")


async def _asked(call: Call, approval_id: UUID, changed: str) -> Confirmation | Elicit[Confirmation]:
    pending = await approvals.pending(asker(call))
    row = next((row for row in pending if row["id"] == approval_id), None)
    if row is None:
        return Confirmation(confirmed=True)  # the answer itself is refused, with the reason
    capabilities = call.client_capabilities
    if capabilities is None or capabilities.elicitation is None:
        raise KairosError(
            "person_needed",
            "Only a person approves, and this client cannot ask one (elicitation). It is answered on the page, or with "
            f"`kairos approvals accept {approval_id}`.",
        )
    return Elicit(f"For {row['principal']}: {row['description']}{changed}", Confirmation)
