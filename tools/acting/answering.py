"""Answering an approval: what an edit or a form holds is held against its schema before it counts."""

import asyncio
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.inbox import Answer
from state.postgres import approvals
from tools.acting.agents import NAME, agent
from tools.acting.toolbox import toolbox
from tools.tool import mismatch


async def answer(identity: Identity, approval: UUID, kind: Answer, given: Any) -> DictRow:
    """The approval as it stands then; `given`: an edit's arguments (or an Agent Inbox action), a response's text.

    Raises KairosError edit_invalid, and as `approvals.answer` does.
    """
    if kind == "edit":
        arguments = given.get("args") if isinstance(given, dict) and "action" in given else given
        await _check(identity, await approvals.what(identity, approval), arguments)
        return await approvals.answer(identity, approval, kind, arguments)
    if kind == "accept":
        about = await approvals.what(identity, approval)
        if about["form"]:
            await _check(identity, about, about["arguments"])
    note = given if kind == "response" and isinstance(given, str) else None
    return await approvals.answer(identity, approval, kind, None, note)


async def _check(identity: Identity, about: DictRow, arguments: object) -> None:
    if not isinstance(arguments, dict):
        raise KairosError("edit_invalid", "An edit must give the arguments as an object.")
    name = about["tool"]
    if about["form"] is not None:
        if wrong := mismatch(about["form"], arguments):
            raise KairosError("edit_invalid", f"This is no answer to what {name} asks: {wrong}.")
        return
    tool = (await toolbox(await asyncio.to_thread(agent, NAME), identity)).get(name)
    if tool is None:
        raise KairosError("edit_invalid", f"There is no tool {name} any more.")
    if wrong := tool.mismatch(arguments):
        raise KairosError("edit_invalid", f"The arguments of {name} are wrong: {wrong}.")
