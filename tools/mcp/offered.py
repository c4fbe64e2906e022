"""The tools of all declared servers for an asker, as tools like any other."""

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from state.errors import KairosError
from state.identity import Identity
from tools.builtin.settings import chosen
from tools.mcp import pool
from tools.mcp.declaration import LONGEST_NAME, Declaration
from tools.mcp.declared import Server
from tools.mcp.pins import accepted, full, remembered
from tools.mcp.pool import Reached
from tools.mcp.resources import resource_tools
from tools.mcp.results import read_result
from tools.mcp.schemas import checkable
from tools.tool import Arguments, Result, Tool

_log = logging.getLogger(__name__)
_failing: dict[str, str] = {}
LISTING_S = 5.0
"""A server that says later which tools it has is taken to have those it had."""


async def served(identity: Identity, taken: frozenset[str] = frozenset()) -> list[Tool]:
    """What may be offered to `identity`; a server that fails only lacks. taken: names of tools of ours.

    Raises KairosError tools_invalid.
    """
    declared = (await chosen.ready()).settings.servers
    theirs = [(name, server) for name, server in declared.items() if server.serves(identity)]
    found = await asyncio.gather(*(_of(name, server, identity, taken) for name, server in theirs))
    return [tool for tools in found for tool in tools]


async def _of(name: str, server: Server, identity: Identity, taken: frozenset[str]) -> list[Tool]:
    declared, said = await _declared(name, server, identity, taken)
    names = {one.name for one in declared}
    own = [
        as_tool(name, server, one, names)
        for one in declared
        if server.offers(one.name) and len(name) + 2 + len(one.bare) <= LONGEST_NAME
    ]
    return own + resource_tools(name, server, {one.bare for one in said})


async def _declared(
    name: str, server: Server, identity: Identity, taken: frozenset[str]
) -> tuple[list[Declaration], list[Declaration]]:
    """What somebody accepted, and all that it declares; of one that does not answer, what was accepted before."""
    try:
        async with asyncio.timeout(LISTING_S):
            said = await pool.declarations(Reached(name, server, identity))
    except (KairosError, TimeoutError) as error:
        if getattr(error, "code", "") != "sign_in_needed":  # which is no failure, and one person's alone
            _note(name, error.sentence if isinstance(error, KairosError) else f"The server {name} is slow.")
        before = await remembered(identity, name)
        return before, before
    _note(name, "")
    return await accepted(identity, name, server, said, taken), said


def _note(name: str, failure: str) -> None:
    """Log what is wrong with a server once, not at each step of each task."""
    if failure and _failing.get(name) != failure:
        _log.warning("%s Its tools are those of before.", failure)
    _failing[name] = failure


def as_tool(name: str, server: Server, one: Declaration, names: set[str]) -> Tool:
    """A tool of a server like any other; names: of all that the server offers."""
    served = _Served(name, server, one)
    read_only = one.annotations.get("readOnlyHint") is True
    destructive = one.annotations.get("destructiveHint") is True
    lookup = server.lookup
    return Tool(
        full(name, one),
        one.description,
        served.parameters,
        served.run,
        server.risk(one.name, read_only, destructive),
        server.is_idempotent(one.name),
        checkable(one.output) if one.output else None,
        served.look_up if lookup and lookup.tool in names and lookup.tool != one.name else None,
        server.trusted,
    )


@dataclass(frozen=True)
class _Served:
    """A tool of a server, to be called."""

    name: str
    server: Server
    declaration: Declaration

    @property
    def parameters(self) -> dict[str, Any]:
        found: dict[str, Any] = checkable(dict(self.declaration.parameters))
        return found

    async def run(self, arguments: Arguments, identity: Identity, key: UUID) -> Result:
        began = time.monotonic()
        given = await self._given(self.declaration.name, arguments, identity, key)
        return await read_result(given, self.declaration.parameters, self.server.result_chars, began)

    async def look_up(self, key: UUID, identity: Identity) -> Result | None:
        """What came of a call. Raises KairosError lookup_failed where the server does not tell."""
        lookup = self.server.lookup
        assert lookup is not None  # noqa: S101 - only then is it one of the tool's parts
        given = await self._given(lookup.tool, {lookup.argument: str(key)}, identity, uuid4())
        said = given.get("structuredContent")
        if given.get("isError") or not isinstance(said, dict) or not isinstance(said.get("found"), bool):
            raise KairosError("lookup_failed", f"The server {self.name} does not tell what came of the call.")
        if not said["found"]:
            return None
        return Result(str(said.get("text") or "It was done.")[: self.server.result_chars], said)

    async def _given(
        self, tool: str, arguments: Arguments, identity: Identity, key: UUID
    ) -> Mapping[str, Any]:
        return await pool.call(Reached(self.name, self.server, identity), tool, arguments, key)
