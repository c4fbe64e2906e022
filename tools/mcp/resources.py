"""Two tools of ours for what a server lets be read: one lists its resources, one reads them."""

import logging
import re
import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from state.errors import KairosError
from state.identity import Identity
from state.provenance import Role
from tools.mcp import pool
from tools.mcp.declared import Server
from tools.mcp.faults import said
from tools.mcp.pool import Reached
from tools.mcp.results import read_result
from tools.tool import Arguments, Result, Schema, Tool

_log = logging.getLogger(__name__)
LIST, READ = "list_resources", "read_resource"
PAGE, MOST = 100, 5_000
"""Resources that are listed at once, and that may be passed over."""
LONGEST_URI, LONGEST_TEXT = 1_000, 10_000_000
_OWN = re.compile(r"(?!(?:[a-z0-9.+-]*\+)?(?:https?|wss?|ftps?):)[a-z][a-z0-9.+-]*:", re.IGNORECASE)
"""How an address of the server's own begins, rather than one on the web."""
_ROLES: Mapping[str, Role] = {"uri": "target"}
"""What is read leads nowhere but to the server, since addresses that are not its own are held against its list."""
_LISTING: Schema = {
    "type": "object",
    "properties": {
        "offset": {"type": "integer", "minimum": 0, "maximum": MOST, "description": "How many to pass over."}
    },
    "additionalProperties": False,
}
_READING: Schema = {
    "type": "object",
    "properties": {
        "uri": {
            "type": "string",
            "minLength": 1,
            "maxLength": LONGEST_URI,
            "description": "As the list or a result gives it.",
        },
        "offset": {
            "type": "integer",
            "minimum": 0,
            "maximum": LONGEST_TEXT,
            "description": "How many characters to pass over.",
        },
    },
    "required": ["uri"],
    "additionalProperties": False,
}


def resource_tools(name: str, server: Server, theirs: Collection[str]) -> list[Tool]:
    """Those of the two that are offered. theirs: names of the server's own tools, which go before ours."""
    if not server.resources:
        return []
    of = _Resources(name, server)
    return [
        tool
        for own, tool in ((LIST, of.listing), (READ, of.reading))
        if server.offers(own) and not _is_taken(name, own, theirs)
    ]


def _is_taken(server: str, own: str, theirs: Collection[str]) -> bool:
    if own in theirs:
        _tell_once(server, own)
    return own in theirs


@lru_cache(maxsize=1000)
def _tell_once(server: str, own: str) -> None:
    _log.warning("Our tool %s.%s is not offered: the server has one of that name.", server, own)


@dataclass(frozen=True)
class _Resources:
    """What one server lets be read; nothing that it says of itself is in the tools."""

    name: str
    server: Server

    @property
    def listing(self) -> Tool:
        description = (
            f"List what can be read at {self.name}: files, pages, records, each with its address (URI)."
        )
        return self._tool(LIST, description, _LISTING, self.listed)

    @property
    def reading(self) -> Tool:
        description = (
            f"Read what is at {self.name} under an address (URI), as text; also PDF, Office and pictures."
        )
        return self._tool(READ, description, _READING, self.read)

    def _tool(self, own: str, description: str, parameters: Schema, run: Any) -> Tool:
        return Tool(
            f"{self.name}.{own}",
            description,
            parameters,
            run,
            self.server.listed_risk(own) or "read",
            idempotent=True,
            trusted=self.server.trusted,
            roles=_ROLES,
        )

    async def listed(self, arguments: Arguments, identity: Identity, *_: object) -> Result:
        offset = arguments.get("offset", 0)
        found = await self._found(LIST, offset + PAGE + 1, identity)
        return _page(found, offset, self.server.result_chars)

    async def read(self, arguments: Arguments, identity: Identity, *_: object) -> Result:
        began = time.monotonic()
        uri = arguments["uri"]
        await self._check(uri, identity)
        reached = Reached(self.name, self.server, identity)
        found = await pool.asked(reached, READ, lambda to: to.read(READ, uri), again=True)
        content = [_part(one, uri) for one in found]
        most, offset = self.server.result_chars, arguments.get("offset", 0)
        return await read_result({"content": content}, _READING, most, began, offset)

    async def _check(self, uri: str, identity: Identity) -> None:
        """Whoever has a server fetch any page can carry something out. Raises KairosError resource_unlisted."""
        if uri.isprintable() and _OWN.match(uri):
            return
        if uri not in {one.get("uri") for one in await self._found(READ, MOST, identity)}:
            sentence = f"{self.name} does not list this address, and of the web only what it lists is read."
            raise KairosError("resource_unlisted", sentence)

    async def _found(self, tool: str, most: int, identity: Identity) -> list[dict[str, Any]]:
        reached = Reached(self.name, self.server, identity)
        return await pool.asked(reached, tool, lambda to: to.resources(tool, most), again=True)


def _part(contents: Mapping[str, Any], uri: str) -> Mapping[str, Any]:
    """As a part of a result; the text that was asked for needs no name."""
    if "text" in contents and contents.get("uri") == uri:
        return {"type": "text", "text": contents["text"]}
    return {"type": "resource", "resource": contents}


def _page(found: Sequence[Mapping[str, Any]], offset: int, most: int) -> Result:
    """Lines for as many as there is room for, at least one, and how to get the rest."""
    lines: list[str] = []
    taken = 0
    for one in found[offset : offset + PAGE]:
        line = _line(one)
        if lines and len("\n".join((*lines, line))) > most:
            break
        lines += [line] if line else []
        taken += 1
    after = offset + taken
    if len(found) > after:
        lines.append(f"[there are more: offset {after}]" if after <= MOST else "[no more of them are listed]")
    return Result("\n".join(lines) or "[there are none]", truncated=len(found) > after)


def _line(one: Mapping[str, Any]) -> str:
    """Empty where the address could not be given back as it is."""
    uri = str(one.get("uri"))
    if not uri.isprintable() or len(uri) > LONGEST_URI:
        return ""
    about = [said(str(one[key])) for key in ("name", "mimeType") if one.get(key)]
    about += [f"{one['size']:,} bytes"] if "size" in one else []
    return f"{uri} ({', '.join(about)})"
