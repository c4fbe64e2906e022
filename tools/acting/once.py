"""A call of a tool has its effect once: intent before, outcome after, and nothing is repeated blindly."""

import asyncio
from dataclasses import asdict
from uuid import UUID

from state.agent import PlannedCall
from state.errors import KairosError
from state.identity import Identity
from state.postgres import tool_calls
from state.postgres.tool_calls import Intent
from tools.mcp.elicitation import AskedBackError
from tools.tool import Result, Tool

SECONDS = 60.0
"""What a call may take."""
UNSURE = frozenset({"tool_timeout", "tool_disconnected", "tool_result_invalid"})
"""Failures after which the effect may have been had all the same."""


class UnknownOutcomeError(KairosError):
    """Nobody can tell whether the call had its effect."""

    def __init__(self, tool: str) -> None:
        super().__init__("outcome_unknown", f"Nobody can tell whether the call of {tool} had its effect.")


async def call_once(
    tool: Tool, call: PlannedCall, thread_id: str, identity: Identity, again: bool = False
) -> Result:
    """Make the call, or give what came of it before. `again`: a person says that it is to be made again.

    Raises UnknownOutcomeError, AskedBackError, and what the tool refuses with.
    """
    if call["risk"] == "read":
        return await _called(tool, call, identity)
    key = UUID(call["id"])
    intent = Intent(key, thread_id, call["tool"], call["risk"], call["arguments"])
    async with tool_calls.alone(key, SECONDS):
        before = await tool_calls.intend(identity, intent)
        if before is not None and before["status"] in ("done", "failed"):
            return Result(**before["outcome"])
        if before is not None and not again and (found := await _looked_up(tool, key, identity)):
            return found
        return await _recorded(tool, call, key, identity)


async def _looked_up(tool: Tool, key: UUID, identity: Identity) -> Result | None:
    """What came of an attempt whose outcome was lost; None: nothing, or a second one does no harm."""
    if tool.lookup is not None:
        try:
            found = await tool.lookup(key, identity)
        except KairosError:
            await tool_calls.finish(identity, key, "unknown", {})
            raise UnknownOutcomeError(tool.name) from None
        if found is not None:
            await tool_calls.finish(identity, key, "done", asdict(found))
        return found
    if tool.idempotent:
        return None
    await tool_calls.finish(identity, key, "unknown", {})
    raise UnknownOutcomeError(tool.name)


async def _recorded(tool: Tool, call: PlannedCall, key: UUID, identity: Identity) -> Result:
    try:
        result = await _called(tool, call, identity)
    except AskedBackError:
        await tool_calls.finish(identity, key, "asked", {})
        raise
    except KairosError as error:
        if error.code in UNSURE and (found := await _looked_up(tool, key, identity)):
            return found
        result = Result(error.sentence, is_error=True)
    await tool_calls.finish(identity, key, "failed" if result.is_error else "done", asdict(result))
    return result


async def _called(tool: Tool, call: PlannedCall, identity: Identity) -> Result:
    try:
        async with asyncio.timeout(SECONDS):
            return await tool.call(call["arguments"], identity, UUID(call["id"]))
    except TimeoutError:
        raise KairosError("tool_timeout", f"{tool.name} did not answer within {SECONDS:.0f} s.") from None
