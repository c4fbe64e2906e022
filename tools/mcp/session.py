"""A session with one server, over either transport: what it offers, and calls of that."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, TypeAdapter, ValidationError

from state.errors import KairosError
from state.identity import Identity
from tools.mcp import faults
from tools.mcp.asking_back import AskingBack
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server
from tools.mcp.elicitation import AskedBackError
from tools.mcp.library import (
    Client,
    MCPError,
    silence,
    types,
)
from tools.mcp.progress import listener
from tools.mcp.transport import transport

KEY = "kairos/idempotency-key"
"""Where in `_meta` a call carries its key: two calls with the same must have one effect."""
MOST_TOOLS, MOST_ROUNDS = 500, 5

Called = types.CallToolResult | types.InputRequiredResult
Given = TypeVar("Given", bound=types.Result)
_CALLED: TypeAdapter[Called] = TypeAdapter(Called)


class Connection:
    """A server to which `open` has connected; one that may ask back is called one call at a time."""

    def __init__(self, name: str, server: Server, identity: Identity) -> None:
        self._name, self._server, self._identity = name, server, identity
        self._back = AskingBack(name, server)
        self._client: Client

    async def open(
        self, stack: AsyncExitStack, ended: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        """Connect until `stack` is left, by the task that leaves it. ended: it is gone; changed: its tools are others.

        Raises KairosError server_unavailable or server_refused.
        """
        silence()

        async def noticed(message: types.ServerNotification | Exception) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                changed()

        try:
            client = Client(
                await transport(self._name, self._server, self._identity, stack, ended),
                client_info=types.Implementation(name="kairos", version="1"),
                message_handler=noticed,
                sampling_callback=self._back.on_sampling if self._server.sampling else None,
                elicitation_callback=self._back.on_elicitation if self._server.elicitation else None,
                read_timeout_seconds=self._server.open_seconds,
                cache=None,
            )
            self._client = await stack.enter_async_context(client)
        except KairosError:
            raise
        except (MCPError, OSError, ValidationError, RuntimeError, ExceptionGroup) as error:
            raise self._not_opened(error) from None
        watching = asyncio.create_task(self._watch(changed))
        stack.callback(watching.cancel)

    async def tools(self) -> list[Declaration]:
        """What it offers. Raises KairosError server_unavailable or server_refused, or SessionGoneError."""
        found: list[types.Tool] = []
        cursor: str | None = None
        try:
            while len(found) < MOST_TOOLS:
                asked = types.PaginatedRequestParams(cursor=cursor) if cursor else None
                page = await self._client.session.list_tools(params=asked)
                found += page.tools
                cursor = page.next_cursor
                if not cursor or not page.tools:
                    break
        except MCPError as error:
            if error.code == types.METHOD_NOT_FOUND and self._client.server_capabilities.tools is None:
                return []  # it has resources only
            fault = faults.of_error(self._name, "", error.code, "", 0)
            if isinstance(fault, faults.SessionGoneError) or error.code in (
                faults.NOT_LET_IN,
                faults.SIGN_IN,
            ):
                raise fault from None
            raise faults.unavailable(self._name, "does not say which tools it has") from None
        except ValidationError:
            raise faults.unavailable(self._name, "gives a list of tools that cannot be read") from None
        return [_declaration(tool) for tool in found[:MOST_TOOLS]]

    async def resources(self, tool: str, most: int) -> list[dict[str, Any]]:
        """The first `most` that can be read, as `call` gives and raises. tool: on whose behalf this is asked."""
        found: list[types.Resource] = []
        cursor: str | None = None
        while len(found) < most:
            asked = types.PaginatedRequestParams(cursor=cursor) if cursor else None
            request = types.ListResourcesRequest(params=asked)
            page = await self._of_resources(tool, request, types.ListResourcesResult)
            found += page.resources
            cursor = page.next_cursor
            if not cursor or not page.resources:
                break
        return [_plain(one) for one in found[:most]]

    async def read(self, tool: str, uri: str) -> list[dict[str, Any]]:
        """The contents of a resource, as `call` gives and raises. tool: on whose behalf this is asked."""
        request = types.ReadResourceRequest(params=types.ReadResourceRequestParams(uri=uri))
        result = await self._of_resources(tool, request, types.ReadResourceResult)
        return [_plain(one) for one in result.contents]

    async def _of_resources(self, tool: str, request: types.Request[Any, Any], result: type[Given]) -> Given:
        full, seconds = f"{self._name}.{tool}", self._server.seconds
        if self._client.server_capabilities.resources is None:
            raise KairosError("tool_failed", f"{full} failed: the server has no resources.")
        try:
            return await self._client.session.send_request(
                request, result, request_read_timeout_seconds=seconds
            )
        except MCPError as error:
            raise faults.of_error(self._name, full, error.code, error.message, seconds) from None
        except ValidationError:
            raise faults.unreadable(full) from None

    async def call(
        self, tool: str, arguments: Mapping[str, Any], key: UUID, asker: Identity
    ) -> dict[str, Any]:
        """A CallToolResult in the protocol's names. Raises KairosError as `faults` says, or SessionGoneError."""
        full = f"{self._name}.{tool}"
        try:
            with self._back.during(asker):
                result = await self._answered(tool, arguments, key)
        except MCPError as error:
            fault = faults.of_error(self._name, full, error.code, error.message, self._server.seconds)
            if self._back.asked and getattr(fault, "code", "") == "tool_failed":
                fault = AskedBackError(full, self._back.asked, error.message)
            raise fault from None
        except ValidationError:
            raise faults.unreadable(full) from None
        if self._back.asked:
            raise AskedBackError(full, self._back.asked, _text(result))
        return _plain(result)

    async def _answered(self, tool: str, arguments: Mapping[str, Any], key: UUID) -> types.CallToolResult:
        """The result, after the rounds in which the server asks something back (protocol 2026-07-28)."""
        asked = types.CallToolRequestParams(name=tool, arguments=dict(arguments), _meta={KEY: str(key)})
        for _ in range(MOST_ROUNDS):
            found = await self._sent(asked)
            if isinstance(found, types.CallToolResult):
                return found
            answers = await self._back.answers(f"{self._name}.{tool}", found)
            asked = asked.model_copy(
                update={"input_responses": answers, "request_state": found.request_state}
            )
        raise KairosError("tool_failed", f"{self._name}.{tool} asks again and again, and was stopped.")

    async def _sent(self, asked: types.CallToolRequestParams) -> Called:
        tell = listener()

        async def told(progress: float, total: float | None, message: str | None) -> None:
            if tell is not None:
                tell(progress, total)

        # Not `call_tool`: that validates by the server's schema, whose patterns may take for ever.
        return await self._client.session.send_request(
            types.CallToolRequest(params=asked),
            _CALLED,
            request_read_timeout_seconds=self._server.seconds,
            progress_callback=told if tell is not None else None,
        )

    async def _watch(self, changed: Callable[[], None]) -> None:
        """Servers of 2026-07-28 tell of changes only those who listen; without one, lists only grow old."""
        tools = self._client.server_capabilities.tools
        if self._client.session.discover_result is None or tools is None or not tools.list_changed:
            return
        with suppress(MCPError, RuntimeError, ValidationError):
            async with self._client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    changed()

    def _not_opened(self, error: Exception) -> KairosError:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, MCPError):
            fault = faults.of_error(self._name, "", error.code, "", 0)
            if isinstance(fault, KairosError) and fault.code.startswith(("server_", "sign_in_")):
                return fault
        why = "cannot be started" if isinstance(error, OSError) else "cannot be spoken with"
        return faults.unavailable(self._name, why)


def _plain(one: BaseModel) -> dict[str, Any]:
    return one.model_dump(by_alias=True, mode="json", exclude_none=True)


def _declaration(tool: types.Tool) -> Declaration:
    hints = tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
    if tool.title:
        hints["title"] = tool.title
    return Declaration(tool.name, tool.description or "", tool.input_schema, tool.output_schema, hints)


def _text(result: types.CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, types.TextContent))
