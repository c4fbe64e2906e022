"""Tools that are not there any more, or held, while calls of them are under way."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from state.agent import PlannedCall
from state.errors import KairosError
from state.identity import Identity
from tools.tool import Arguments, Result, Tool


def with_gone(tools: Mapping[str, Tool], planned: Iterable[PlannedCall]) -> dict[str, Tool]:
    """Also one that refuses for each call that changes something: it may have been made before a crash.

    So what came of it is asked like that of any other; a read is done or not, and nobody needs to know.
    """
    lost = {call["tool"] for call in planned if call["risk"] != "read"} - tools.keys()
    return {**tools, **{name: _gone(name) for name in lost}}


def _gone(name: str) -> Tool:
    async def refuse(arguments: Arguments, identity: Identity, key: UUID) -> Result:
        raise KairosError("tool_gone", f"There is no tool {name} any more, so nothing was done.")

    description = "This tool is not there any more, or waits to be accepted."
    return Tool(name, description, {"type": "object"}, refuse, "write", idempotent=False)
