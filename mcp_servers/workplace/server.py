"""The MCP server: each call in a transaction of its own, as the person whom the connection names."""

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mcp.server.mcpserver import Context, MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.server.mcpserver.tools import Tool
from mcp_types import ToolAnnotations

from mcp_servers.workplace.asker import Desk, RefusedError, known
from mcp_servers.workplace.database import Database
from mcp_servers.workplace.offered import OFFERED, Offered
from mcp_servers.workplace.once import KEY, once

HEADER = "x-workplace-person"
PERSON = "WORKPLACE_PERSON"
ABOUT = (
    "The workplace of Skerrow Instruments: leave, tickets, rooms, expense claims, mail. Every call acts as one person, "
    "who may see and change what is theirs; managers also decide for those who report to them."
)


@dataclass(frozen=True, slots=True)
class Workplace:
    """person: who acts, whatever a connection says; None: whom its header, or the environment, names."""

    database: Database
    person: str | None = None

    def server(self) -> MCPServer[Any]:
        """The server with all its tools."""
        return MCPServer(
            "workplace", instructions=ABOUT, tools=[self._tool(one) for one in OFFERED], log_level="WARNING"
        )

    def _tool(self, offered: Offered) -> Tool:
        reads = offered.risk == "read"
        tool = Tool.from_function(
            self._served(offered),
            name=offered.act.__name__,
            title=offered.title,
            description=offered.act.__doc__,
            annotations=ToolAnnotations(
                title=offered.title,
                read_only_hint=reads,
                destructive_hint=offered.risk == "destructive",
                idempotent_hint=reads,
                open_world_hint=offered.risk == "outward",
            ),
            structured_output=True,
        )
        tool.parameters["additionalProperties"] = False
        return tool

    def _served(self, offered: Offered) -> Callable[..., Awaitable[Any]]:
        """The function as the library takes it: a context in place of the desk."""
        signature = inspect.signature(offered.act, eval_str=True)
        _, *taken = signature.parameters.values()

        async def serve(context: Context[Any, Any], **given: Any) -> Any:
            person = self.person or _named(context)
            meta = dict(context.request_context.meta or {})
            try:
                return await asyncio.to_thread(self._made, offered, person, meta.get(KEY), given)
            except RefusedError as refused:
                raise ToolError(str(refused)) from None

        first = inspect.Parameter("context", inspect.Parameter.KEYWORD_ONLY, annotation=Context)
        plain = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in taken]
        serve.__signature__ = signature.replace(parameters=[first, *plain])  # type: ignore[attr-defined]
        serve.__annotations__ = {one.name: one.annotation for one in (first, *plain)}
        serve.__name__ = offered.act.__name__
        return serve

    def _made(self, offered: Offered, person: str, key: object, given: dict[str, Any]) -> Any:
        with self.database.transaction(writes=offered.risk != "read") as db:
            desk = Desk(db, known(db, person), self.database.day)
            if offered.risk == "read" or key is None:
                return offered.act(desk, **given)
            made = (person, offered.act.__name__, given)
            return once(db, str(key), made, lambda: offered.act(desk, **given))


def _named(context: Context[Any, Any]) -> str:
    """Over HTTP the header says who acts, and never the environment."""
    headers = context.headers
    return os.environ.get(PERSON, "") if headers is None else headers.get(HEADER, "")
