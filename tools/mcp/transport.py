"""The way to a server: a process that is started for it, or HTTP as somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import anyio

from state.identity import Identity
from tools.mcp.authorizing import as_person, client_credentials
from tools.mcp.declared import Server
from tools.mcp.http import http_client
from tools.mcp.library import (
    SessionMessage,
    streamable_http_client,
    types,
)
from tools.mcp.process import Process, running
from tools.mcp.reaching import environment, headers


async def transport(
    name: str, server: Server, identity: Identity, stack: AsyncExitStack, ended: Callable[[], None]
) -> Any:
    """What the library's client speaks over, until `stack` is left. ended: it is gone. Raises KairosError."""
    if server.command:
        command, given = (server.command, *server.args), environment(name, server, identity)
        process = await stack.enter_async_context(running(command, given, server.largest_bytes))
        return _over_stdio(process, ended)
    url = str(server.url)
    auth = client_credentials(name, server) if server.oauth and not server.signs_in else None
    around = await as_person(name, server, identity) if server.signs_in else None
    given = headers(name, server, identity)
    client = http_client(url, given, auth, server.largest_bytes, server.open_seconds, server.at_once, around)
    await stack.enter_async_context(client)
    return streamable_http_client(url, http_client=client, max_sse_event_size=server.largest_bytes)


@asynccontextmanager
async def _over_stdio(process: Process, ended: Callable[[], None]) -> AsyncIterator[Any]:
    """Streams of messages over a process; a line that is no message is passed over.

    The library's own transport holds lines of any length, in time that grows with the square of it.
    """
    told, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    said, saying = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with told:
            async for line in process.lines():
                with suppress(ValueError):
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                    try:
                        await told.send(SessionMessage(message))
                    except (anyio.BrokenResourceError, anyio.ClosedResourceError):
                        return
        ended()

    async def write() -> None:
        async with saying:
            with suppress(OSError):
                async for one in saying:
                    text = one.message.model_dump_json(by_alias=True, exclude_unset=True)
                    await process.send(f"{text}\n".encode())

    async with anyio.create_task_group() as tasks, told, heard, said, saying:
        tasks.start_soon(read)
        tasks.start_soon(write)
        try:
            yield heard, said
        finally:
            tasks.cancel_scope.cancel()
