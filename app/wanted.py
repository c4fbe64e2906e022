"""What is wanted of a turn or a task: taken or refused, confirmed, the caller's own conversation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from app.local import configure
from mcp_servers.platform.turns import Wanted
from state.context import Context
from state.errors import KairosError
from state.identity import Identity

if TYPE_CHECKING:
    from langgraph.types import Command


def check(text: str) -> None:
    """Raises KairosError for what is no question."""
    from tools.guard.question import check_question

    if refusal := check_question(text):
        raise KairosError(refusal["code"], refusal["sentence"])


async def own(identity: Identity, thread_id: str, *, task: bool) -> str:
    """The thread, if it is the identity's and of that kind. Raises KairosError thread_unknown."""
    from state.postgres.checkpoints import open_saver

    found = await (await open_saver()).aget_tuple(configure(identity, thread_id))
    values = found.checkpoint["channel_values"] if found else {}
    if values.get("owner") != f"{identity.tenant}/{identity.principal}" or ("trail" in values) is not task:
        raise KairosError("thread_unknown", "You have no such conversation.")
    return thread_id


def doubts_of(state: Mapping[str, Any]) -> str:
    """What a guard would have the asker confirm; empty where the run waits for nothing, or for approvals."""
    values = [one.value for one in state.get("__interrupt__", ())]
    return "\n".join(value["description"] for value in values if isinstance(value, dict))


def accepted(wanted: Wanted, doubts: str) -> Command[Any]:
    """The resume that confirms them. Raises KairosError confirmation_needed."""
    from langgraph.types import Command

    if not wanted.confirmed:
        said = f"{doubts} Ask the person, then call again with `confirmed`."
        raise KairosError("confirmation_needed", said)
    return Command(resume={"type": "accept", "args": None})


def raise_refusal(state: Mapping[str, Any]) -> None:
    """Raises KairosError with what a turn or a task was refused with."""
    if refusal := state.get("refusal"):
        raise KairosError(refusal["code"], refusal["sentence"])


def context_of(wanted: Wanted) -> Context:
    """What the caller chose."""
    return Context(model=wanted.model)
