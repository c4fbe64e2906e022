"""One session with a server: opened, kept and closed by a task of its own, called from any; the only user of `mcp`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any
from uuid import UUID

import anyio
import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.auth import TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from pydantic import TypeAdapter, ValidationError

from state.errors import KairosError
from state.identity import Identity
from tools.mcp import faults
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server
from tools.mcp.http import http_client
from tools.mcp.process import Process, running
from tools.mcp.progress import listener
from tools.mcp.reaching import credentials, environment, headers
from tools.mcp.sampling import sampled

KEY = "kairos/idempotency-key"
"""Where in `_meta` a call carries its key: two calls with the same must have one effect."""
LISTED_S = 300.0
"""A list of tools is asked for again after so long, even if nobody said that it changed."""
MOST_TOOLS, MOST_ROUNDS, MOST_SAMPLES = 500, 5, 5
MARGIN_S = 1.0

Called = types.CallToolResult | types.InputRequiredResult
_CALLED: TypeAdapter[Called] = TypeAdapter(Called)
_REFUSED = types.ErrorData(code=types.INVALID_REQUEST, message="This is not allowed.")


class Session:
    """A session of one event loop. `dead`: it takes no more calls."""

    def __init__(self, name: str, server: Server, identity: Identity) -> None:
        self._name, self._server, self._identity = name, server, identity
        self._slots = asyncio.Semaphore(server.at_once)
        self._listing = asyncio.Lock()
        self._listed: tuple[float, list[Declaration]] | None = None
        self._closing = asyncio.Event()
        self._client: Client | None = None
        self._owner: asyncio.Task[None] | None = None
        self._busy = 0
        self._questions: list[str] = []
        self._asker, self._samples = identity, 0
        self.used = time.monotonic()
        self.dead = False

    async def open(self) -> None:
        """Raises KairosError server_unavailable or server_refused."""
        for logger in ("mcp.client", "mcp.shared", "client"):  # they tell what servers said
            logging.getLogger(logger).setLevel(logging.CRITICAL)
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._owner = asyncio.create_task(self._own(ready))
        try:
            async with asyncio.timeout(self._server.open_seconds):
                await asyncio.shield(ready)
        except TimeoutError:
            raise faults.unavailable(self._name, "does not answer") from None
        finally:
            if self._client is None:
                await self.close(at_once=True)

    @property
    def is_idle(self) -> bool:
        """Whether no call is under way."""
        return self._busy == 0

    async def close(self, at_once: bool = False) -> None:
        """End it; calls that are under way are lost. at_once: without grace."""
        self.retire()
        if self._owner is not None:
            if at_once:
                self._owner.cancel()
            await asyncio.wait((self._owner,))

    def retire(self) -> None:
        """Let no more calls in; its owner then closes it."""
        self.dead = True
        self._closing.set()

    async def tools(self) -> list[Declaration]:
        """What it offers now. Raises KairosError."""
        async with self._listing:
            if self._listed is None or time.monotonic() - self._listed[0] > LISTED_S:
                asked = time.monotonic()
                self._listed = None
                found = await self._fetched()
                self._listed = asked, found
            return self._listed[1]

    async def call(
        self, tool: str, arguments: Mapping[str, Any], key: UUID, identity: Identity
    ) -> dict[str, Any]:
        """A CallToolResult in the protocol's names. Raises KairosError as `faults` says, or SessionGoneError."""
        full = f"{self._name}.{tool}"
        async with self._at_work(), self._slots:
            self._questions, self._samples, self._asker = [], 0, identity
            try:
                async with asyncio.timeout(self._server.seconds + MARGIN_S):
                    result = await self._answered(tool, arguments, key)
            except TimeoutError:
                self.retire()  # it does not even take what it is sent
                raise faults.timed_out(full, self._server.seconds) from None
            except MCPError as error:
                raise self._fault(full, error) from None
            except ValidationError:
                raise faults.unreadable(full) from None
        if self._questions and result.is_error:
            raise faults.needs_input(full, self._questions[0])
        return result.model_dump(by_alias=True, mode="json", exclude_none=True)

    @asynccontextmanager
    async def _at_work(self) -> AsyncIterator[None]:
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            self.used = time.monotonic()

    def _fault(self, tool: str, error: MCPError) -> Exception:
        found = faults.of_error(self._name, tool, error.code, error.message, self._server.seconds)
        if isinstance(found, KairosError) and found.code == "tool_failed" and self._questions:
            return faults.needs_input(tool, self._questions[0])
        return found

    async def _answered(self, tool: str, arguments: Mapping[str, Any], key: UUID) -> types.CallToolResult:
        """The result, after the rounds in which the server asks something back (protocol 2026-07-28)."""
        answers: types.InputResponses | None = None
        state: str | None = None
        for _ in range(MOST_ROUNDS):
            found = await self._sent(tool, arguments, key, answers, state)
            if isinstance(found, types.CallToolResult):
                return found
            answers, state = await self._answers(f"{self._name}.{tool}", found), found.request_state
        raise KairosError("tool_failed", f"{self._name}.{tool} asks again and again, and was stopped.")

    async def _sent(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        key: UUID,
        answers: types.InputResponses | None,
        state: str | None,
    ) -> Called:
        assert self._client is not None  # noqa: S101 - only open sessions are called
        tell = listener()

        async def told(progress: float, total: float | None, message: str | None) -> None:
            if tell is not None:
                tell(progress, total)

        return await self._client.session.send_request(
            types.CallToolRequest(
                params=types.CallToolRequestParams(
                    name=tool,
                    arguments=dict(arguments),
                    input_responses=answers,
                    request_state=state,
                    _meta={KEY: str(key)},
                )
            ),
            _CALLED,
            request_read_timeout_seconds=self._server.seconds,
            progress_callback=told if tell is not None else None,
        )

    async def _answers(self, tool: str, asked: types.InputRequiredResult) -> types.InputResponses | None:
        answers: types.InputResponses = {}
        for name, request in (asked.input_requests or {}).items():
            if isinstance(request, types.ElicitRequest) and self._server.elicitation:
                raise faults.needs_input(tool, _question(request.params))
            if not isinstance(request, types.CreateMessageRequest) or not self._server.sampling:
                raise KairosError("tool_failed", f"{tool} asks for what it may not have, and was stopped.")
            answer = await self._sample(request.params)
            if isinstance(answer, types.ErrorData):
                raise KairosError("tool_failed", f"{tool} asks our model for what it may not have.")
            answers[name] = answer
        if not answers:
            await asyncio.sleep(0.1)
        return answers or None

    async def _fetched(self) -> list[Declaration]:
        assert self._client is not None  # noqa: S101 - only open sessions are asked
        found: list[types.Tool] = []
        cursor: str | None = None
        try:
            async with self._at_work(), asyncio.timeout(self._server.open_seconds):
                while len(found) < MOST_TOOLS:
                    asked = types.PaginatedRequestParams(cursor=cursor) if cursor else None
                    page = await self._client.session.list_tools(params=asked)
                    found += page.tools
                    cursor = page.next_cursor
                    if not cursor or not page.tools:
                        break
        except TimeoutError:
            raise faults.unavailable(self._name, "does not say which tools it has") from None
        except MCPError as error:
            raise self._not_listed(error) from None
        except ValidationError:
            raise faults.unavailable(self._name, "gives a list of tools that cannot be read") from None
        return [_declaration(tool) for tool in found[:MOST_TOOLS]]

    def _not_listed(self, error: MCPError) -> Exception:
        found = faults.of_error(self._name, "list", error.code, "", self._server.open_seconds)
        if isinstance(found, faults.SessionGoneError) or getattr(found, "code", "") == "server_refused":
            return found
        return faults.unavailable(self._name, "does not say which tools it has")

    async def _own(self, ready: asyncio.Future[None]) -> None:
        """Enter and leave all that belongs to the session in one task, as scopes of cancellation demand."""
        try:
            async with AsyncExitStack() as stack:
                client = await stack.enter_async_context(await self._connected(stack))
                watching = asyncio.create_task(self._watch(client))
                stack.callback(watching.cancel)
                self._client = client
                if not ready.done():
                    ready.set_result(None)
                await self._until_unused()
        except Exception as error:  # noqa: BLE001 - the task has no other caller
            if not ready.done():
                ready.set_exception(self._not_opened(error))
                ready.exception()
        finally:
            self.retire()

    def _not_opened(self, error: Exception) -> KairosError:
        while isinstance(error, ExceptionGroup):
            error = error.exceptions[0]
        if isinstance(error, KairosError):
            return error
        if isinstance(error, MCPError):
            found = faults.of_error(self._name, "open", error.code, "", self._server.open_seconds)
            if isinstance(found, KairosError) and found.code.startswith("server_"):
                return found
        if isinstance(error, OSError):
            return faults.unavailable(self._name, "cannot be started")
        return faults.unavailable(self._name, "cannot be spoken with")

    async def _until_unused(self) -> None:
        while not self._closing.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(self._server.idle_seconds):
                    await self._closing.wait()
            if self.is_idle and time.monotonic() - self.used >= self._server.idle_seconds:
                self.retire()

    async def _connected(self, stack: AsyncExitStack) -> Client:
        server, name = self._server, self._name
        if server.command:
            process = await stack.enter_async_context(
                running(
                    (server.command, *server.args),
                    environment(name, server, self._identity),
                    server.largest_bytes,
                )
            )
            transport = _over_stdio(process, self.retire)
        else:
            url = str(server.url)
            auth = _oauth(name, server) if server.oauth else None
            given = headers(name, server, self._identity)
            client = await stack.enter_async_context(
                http_client(url, given, auth, server.largest_bytes, server.open_seconds, server.at_once)
            )
            transport = streamable_http_client(
                url, http_client=client, max_sse_event_size=server.largest_bytes
            )
        return Client(
            transport,
            client_info=types.Implementation(name="kairos", version="1"),
            message_handler=self._noticed,
            sampling_callback=self._on_sampling if server.sampling else None,
            elicitation_callback=self._on_elicitation if server.elicitation else None,
            read_timeout_seconds=server.open_seconds,
            cache=None,
        )

    async def _watch(self, client: Client) -> None:
        """Servers of 2026-07-28 tell of changes only those who listen; without one, lists only grow old."""
        capabilities = client.server_capabilities.tools
        if client.session.discover_result is None or capabilities is None or not capabilities.list_changed:
            return
        with suppress(MCPError, RuntimeError, ValidationError):
            async with client.listen(tools_list_changed=True) as events:
                async for _ in events:
                    self._listed = None

    async def _noticed(self, message: types.ServerNotification | Exception) -> None:
        if isinstance(message, types.ToolListChangedNotification):
            self._listed = None

    async def _on_elicitation(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        """No call can wait for a person: the tool is told that nobody answers, and the agent what was asked."""
        self._questions.append(_question(params))
        return types.ElicitResult(action="cancel")

    async def _on_sampling(
        self, context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult | types.ErrorData:
        return await self._sample(params)

    async def _sample(
        self, params: types.CreateMessageRequestParams
    ) -> types.CreateMessageResult | types.ErrorData:
        texts = [(one.role, one.content) for one in params.messages]
        said = [(role, part.text) for role, part in texts if isinstance(part, types.TextContent)]
        self._samples += 1
        if self._busy == 0 or len(said) < len(texts) or params.tools or self._samples > MOST_SAMPLES:
            return _REFUSED
        try:
            text, model = await sampled(
                self._asker, self._name, params.system_prompt, said, params.max_tokens
            )
        except KairosError:
            return _REFUSED
        content = types.TextContent(type="text", text=text)
        return types.CreateMessageResult(role="assistant", content=content, model=model)


@asynccontextmanager
async def _over_stdio(process: Process, ended: Any) -> AsyncIterator[Any]:
    """Streams of messages over a process; a line that is no message is passed over."""
    told, heard = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    said, saying = anyio.create_memory_object_stream[SessionMessage](0)

    async def read() -> None:
        async with told:
            async for line in process.lines():
                try:
                    message = types.jsonrpc_message_adapter.validate_json(line, by_name=False)
                except ValueError:
                    continue
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


def _declaration(tool: types.Tool) -> Declaration:
    hints = tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
    if tool.title:
        hints["title"] = tool.title
    return Declaration(tool.name, tool.description or "", tool.input_schema, tool.output_schema, hints)


def _question(params: types.ElicitRequestParams) -> str:
    if isinstance(params, types.ElicitRequestFormParams):
        fields = ", ".join(params.requested_schema.get("properties", {}))
        return f"{params.message} ({fields})"
    return f"{params.message} (to be answered at its own site)"


class _Tokens(TokenStorage):
    """Of one session, never written down."""

    def __init__(self) -> None:
        self._tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return None

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """Ours is declared, and never changes."""


def _oauth(name: str, server: Server) -> httpx2.Auth:
    client_id, secret = credentials(name, server)
    assert server.oauth is not None  # noqa: S101 - the caller looked
    return ClientCredentialsOAuthProvider(
        str(server.url),
        _Tokens(),
        client_id,
        secret,
        scope=server.oauth.scope,
        issuer=str(server.oauth.issuer).rstrip("/"),
    )
