"""What is said to one server, over either transport: the only file that knows the library of the protocol."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from typing import Any, Literal, NoReturn, TypeVar
from uuid import UUID, uuid4

import anyio
import httpx2
import mcp_types as types
from mcp import Client
from mcp.client.auth import OAuthClientProvider, OAuthFlowError, PKCEParameters, TokenStorage
from mcp.client.auth.extensions.client_credentials import ClientCredentialsOAuthProvider
from mcp.client.auth.utils import issuers_match, validate_authorization_response_iss
from mcp.client.session import ClientRequestContext
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.auth import (
    OAuthClientInformationFull,
    OAuthClientMetadata,
    OAuthMetadata,
    OAuthToken,
    ProtectedResourceMetadata,
)
from mcp.shared.exceptions import MCPError
from mcp.shared.message import SessionMessage
from pydantic import AnyUrl, BaseModel, TypeAdapter, ValidationError

from state.agent import Question
from state.errors import KairosError
from state.identity import Identity
from state.postgres import tool_sign_ins
from state.postgres.tool_sign_ins import Place
from tools.mcp import elicitation, faults
from tools.mcp.declaration import Declaration
from tools.mcp.declared import Server
from tools.mcp.http import http_client
from tools.mcp.process import Process, running
from tools.mcp.progress import listener
from tools.mcp.reaching import credentials, environment, headers
from tools.mcp.sampling import sampled
from tools.mcp.signed_in import Kept, SignedIn

KEY = "kairos/idempotency-key"
"""Where in `_meta` a call carries its key: two calls with the same must have one effect."""
MOST_TOOLS, MOST_ROUNDS, MOST_SAMPLES = 500, 5, 5

Called = types.CallToolResult | types.InputRequiredResult
Asked = types.CreateMessageResult | types.ErrorData
Given = TypeVar("Given", bound=types.Result)
_CALLED: TypeAdapter[Called] = TypeAdapter(Called)
_PING = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
_ASKED = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": types.LATEST_PROTOCOL_VERSION,
}
_BASIC = "client_secret_basic"
_REFUSED = types.ErrorData(code=types.INVALID_REQUEST, message="This is not allowed.")


class Connection:
    """A server to which `open` has connected; one that may ask back is called one call at a time."""

    def __init__(self, name: str, server: Server, identity: Identity) -> None:
        self._name, self._server, self._identity = name, server, identity
        self._asker: Identity | None = None
        self._given: Sequence[Question] = ()
        self._asked: Question | None = None
        self._samples = 0
        self._client: Client

    async def open(
        self, stack: AsyncExitStack, ended: Callable[[], None], changed: Callable[[], None]
    ) -> None:
        """Connect until `stack` is left, by the task that leaves it. ended: it is gone; changed: its tools are others.

        Raises KairosError server_unavailable or server_refused.
        """
        _silence()

        async def noticed(message: types.ServerNotification | Exception) -> None:
            if isinstance(message, types.ToolListChangedNotification):
                changed()

        try:
            client = Client(
                await self._transport(stack, ended),
                client_info=types.Implementation(name="kairos", version="1"),
                message_handler=noticed,
                sampling_callback=self._on_sampling if self._server.sampling else None,
                elicitation_callback=self._on_elicitation if self._server.elicitation else None,
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
        self._given, self._asked, self._samples, self._asker = elicitation.answers(), None, 0, asker
        try:
            result = await self._answered(tool, arguments, key)
        except MCPError as error:
            fault = faults.of_error(self._name, full, error.code, error.message, self._server.seconds)
            if self._asked and getattr(fault, "code", "") == "tool_failed":
                fault = elicitation.AskedBackError(full, self._asked, error.message)
            raise fault from None
        except ValidationError:
            raise faults.unreadable(full) from None
        finally:
            self._asker = None
        if self._asked:
            raise elicitation.AskedBackError(full, self._asked, _text(result))
        return result.model_dump(by_alias=True, mode="json", exclude_none=True)

    async def _answered(self, tool: str, arguments: Mapping[str, Any], key: UUID) -> types.CallToolResult:
        """The result, after the rounds in which the server asks something back (protocol 2026-07-28)."""
        asked = types.CallToolRequestParams(name=tool, arguments=dict(arguments), _meta={KEY: str(key)})
        for _ in range(MOST_ROUNDS):
            found = await self._sent(asked)
            if isinstance(found, types.CallToolResult):
                return found
            answers = await self._answers(f"{self._name}.{tool}", found)
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

    async def _answers(self, tool: str, asked: types.InputRequiredResult) -> types.InputResponses | None:
        answers: types.InputResponses = {}
        for name, request in (asked.input_requests or {}).items():
            answer: Asked | types.ElicitResult = _REFUSED
            if isinstance(request, types.ElicitRequest) and self._server.elicitation:
                answer = self._elicited(tool, request.params)
            if isinstance(request, types.CreateMessageRequest) and self._server.sampling:
                answer = await self._sample(request.params)
            if isinstance(answer, types.ErrorData):
                raise KairosError("tool_failed", f"{tool} asks for what it may not have, and was stopped.")
            answers[name] = answer
        if not answers:
            await asyncio.sleep(0.1)
        return answers or None

    async def _on_elicitation(
        self, context: ClientRequestContext, params: types.ElicitRequestParams
    ) -> types.ElicitResult | types.ErrorData:
        """No call can wait for a person: unless one has answered before, the tool is told that nobody does."""
        try:
            return self._elicited(self._name, params)
        except elicitation.AskedBackError as asked:
            self._asked = self._asked or asked.question
            return types.ElicitResult(action="cancel")
        except KairosError:
            return _REFUSED

    def _elicited(self, tool: str, params: types.ElicitRequestParams) -> types.ElicitResult:
        """The answer that a person gave when it was asked before. Raises AskedBackError, and as `_question` does."""
        question = _question(tool, params)
        found = elicitation.answer_to(question, self._given)
        if found is None or found["answer"] is None:
            raise elicitation.AskedBackError(tool, question, "")
        return types.ElicitResult(action="accept", content=found["answer"] if question["form"] else None)

    async def _on_sampling(
        self, context: ClientRequestContext, params: types.CreateMessageRequestParams
    ) -> Asked:
        return await self._sample(params)

    async def _sample(self, params: types.CreateMessageRequestParams) -> Asked:
        parts = [(one.role, one.content) for one in params.messages]
        said = [(role, part.text) for role, part in parts if isinstance(part, types.TextContent)]
        self._samples += 1
        if self._asker is None or len(said) < len(parts) or params.tools or self._samples > MOST_SAMPLES:
            return _REFUSED
        try:
            text, model = await sampled(
                self._asker, self._name, params.system_prompt, said, params.max_tokens
            )
        except Exception:  # noqa: BLE001 - what it says would be told to the server
            return _REFUSED
        content = types.TextContent(type="text", text=text)
        return types.CreateMessageResult(role="assistant", content=content, model=model)

    async def _transport(self, stack: AsyncExitStack, ended: Callable[[], None]) -> Any:
        server, name = self._server, self._name
        if server.command:
            command, given = (server.command, *server.args), environment(name, server, self._identity)
            process = await stack.enter_async_context(running(command, given, server.largest_bytes))
            return _over_stdio(process, ended)
        url = str(server.url)
        auth = _client_credentials(name, server) if server.oauth and not server.signs_in else None
        around = await _as_person(name, server, self._identity) if server.signs_in else None
        given = headers(name, server, self._identity)
        client = http_client(
            url, given, auth, server.largest_bytes, server.open_seconds, server.at_once, around
        )
        await stack.enter_async_context(client)
        return streamable_http_client(url, http_client=client, max_sse_event_size=server.largest_bytes)

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


def _plain(one: BaseModel) -> dict[str, Any]:
    return one.model_dump(by_alias=True, mode="json", exclude_none=True)


def _plain_or_none(one: BaseModel | None) -> dict[str, Any] | None:
    return None if one is None else _plain(one)


def _declaration(tool: types.Tool) -> Declaration:
    hints = tool.annotations.model_dump(by_alias=True, exclude_none=True) if tool.annotations else {}
    if tool.title:
        hints["title"] = tool.title
    return Declaration(tool.name, tool.description or "", tool.input_schema, tool.output_schema, hints)


def _question(tool: str, params: types.ElicitRequestParams) -> Question:
    """Raises KairosError tool_failed for what nobody should be asked."""
    if isinstance(params, types.ElicitRequestFormParams):
        return elicitation.form_question(tool, params.message, params.requested_schema)
    return elicitation.site_question(tool, params.message, params.url)


def _text(result: types.CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, types.TextContent))


class _Tokens(TokenStorage):
    """Of one session or one step; what stays is kept elsewhere. client: ours, as it is declared."""

    def __init__(self, client: OAuthClientInformationFull | None = None) -> None:
        self._client = client
        self._tokens: OAuthToken | None = None

    async def get_tokens(self) -> OAuthToken | None:
        return self._tokens

    async def set_tokens(self, tokens: OAuthToken) -> None:
        self._tokens = tokens

    async def get_client_info(self) -> OAuthClientInformationFull | None:
        return self._client

    async def set_client_info(self, client_info: OAuthClientInformationFull) -> None:
        """One that is declared never changes, and one that is registered is kept with its tokens."""


def _client_credentials(name: str, server: Server) -> httpx2.Auth:
    client_id, secret = credentials(name, server)
    assert server.oauth is not None  # noqa: S101 - the caller looked
    assert client_id  # noqa: S101 - so it is declared
    assert secret  # noqa: S101 - so it is declared
    issuer, scope = str(server.oauth.issuer).rstrip("/"), server.oauth.scope
    return ClientCredentialsOAuthProvider(
        str(server.url), _Tokens(), client_id, secret, scope=scope, issuer=issuer
    )


async def _as_person(
    name: str, server: Server, identity: Identity
) -> Callable[[httpx2.AsyncBaseTransport], SignedIn]:
    """Raises KairosError sign_in_needed, or as `sealer` does."""
    place = Place(identity, name, str(server.url))
    kept = await tool_sign_ins.find(place)
    assert server.oauth is not None  # noqa: S101 - the caller looked
    if kept is None or (kept["client"] is None) is (server.oauth.client_id is None):  # of another client
        raise faults.sign_in_needed(name)
    return partial(
        SignedIn,
        place=place,
        sign_in=kept["id"],
        request=partial(_refresh, name, server),
        refreshed=partial(_refreshed, name, server),
    )


async def sign_in_begun(
    name: str, server: Server, identity: Identity, redirect_uri: str
) -> tuple[str, str, dict[str, Any]]:
    """Where a person goes to sign in, the state that goes along, and what it takes to finish.

    Raises KairosError sign_in_failed, or server_unavailable where a variable is missing.
    """
    _silence()
    flow = _Code(name, server, redirect_uri)
    async with _signing_in(name, server, identity, flow) as client:
        try:
            response = await client.post(str(server.url), json=_PING, headers=_ASKED)
        except _BegunError as begun:
            _check_address(name, server, httpx2.URL(begun.address))
            return begun.address, begun.state, {**flow.stored, "verifier": begun.verifier}
    if response.is_server_error:
        raise faults.sign_in_failed(name, "it cannot be reached")
    why = "it lets you in without" if response.is_success else "it does not say where"
    raise faults.sign_in_failed(name, why)


async def sign_in_finished(
    name: str, server: Server, identity: Identity, begun: Kept, code: str, issuer: str | None
) -> dict[str, Any]:
    """The tokens for a code, and what refreshing them takes. Raises KairosError sign_in_failed."""
    _silence()
    flow = _Code(name, server, begun["redirect_uri"], begun)
    async with _signing_in(name, server, identity, None) as client:
        validate_authorization_response_iss(issuer, flow.context.oauth_metadata)
        request = await flow._exchange_token_authorization_code(code, begun["verifier"])
        await flow._handle_token_response(await client.send(request))
    return {**flow.stored, "id": str(uuid4())}


async def _refresh(name: str, server: Server, kept: Kept) -> httpx2.Request:
    return await _Code(name, server, kept["redirect_uri"], kept)._refresh_token()


async def _refreshed(name: str, server: Server, kept: Kept, response: httpx2.Response) -> Kept | None:
    flow = _Code(name, server, kept["redirect_uri"], kept)
    if not await flow._handle_refresh_response(response):
        return None
    return {**flow.stored, "id": kept["id"]}


@asynccontextmanager
async def _signing_in(
    name: str, server: Server, identity: Identity, auth: httpx2.Auth | None
) -> AsyncIterator[httpx2.AsyncClient]:
    """A client for the steps of signing in; what fails within is told without what others said."""

    async def guard(request: httpx2.Request) -> None:
        _check_address(name, server, request.url)

    given = headers(name, server, identity)
    client = http_client(
        str(server.url), given, auth, server.largest_bytes, server.open_seconds, server.at_once
    )
    client.event_hooks = {"request": [guard]}
    try:
        async with client:
            yield client
    except (OAuthFlowError, httpx2.HTTPError, httpx2.StreamError, ValueError):
        raise faults.sign_in_failed(
            name, "it, or whoever gives its tokens, does not answer as it should"
        ) from None


def _check_address(name: str, server: Server, url: httpx2.URL) -> None:
    """A server must not lead us, or people, where anybody may listen, or to what only we can reach."""
    declared = httpx2.URL(str(server.url))
    plain = url.scheme == declared.scheme == "http" and url.host == declared.host
    if url.scheme != "https" and not plain:
        raise faults.sign_in_failed(name, "it leads to an address without https")


class _BegunError(Exception):
    """The flow stops where a person goes elsewhere: nothing waits for them but what is stored."""

    def __init__(self, address: str, state: str, verifier: str) -> None:
        super().__init__("begun")
        self.address, self.state, self.verifier = address, state, verifier


class _Code(OAuthClientProvider):
    """The library's authorization code flow in two halves, with what is declared. stored: what was found out before."""

    def __init__(self, name: str, server: Server, redirect_uri: str, stored: Kept | None = None) -> None:
        assert server.oauth is not None  # noqa: S101 - the caller looked
        self._issuer = str(server.oauth.issuer) if server.oauth.issuer else None
        self._scope, self._redirect_uri = server.oauth.scope, redirect_uri
        self._declared = _declared_client(name, server)
        kind: Literal["web", "native"] = "web" if redirect_uri.startswith("https:") else "native"
        asked = OAuthClientMetadata(
            client_name="Kairos", redirect_uris=[AnyUrl(redirect_uri)], application_type=kind
        )
        super().__init__(str(server.url), asked, _Tokens(self._declared))
        self.context.protocol_version = types.LATEST_PROTOCOL_VERSION
        if stored is not None:
            self._restore(stored)

    @property
    def stored(self) -> dict[str, Any]:
        """What goes on needs, as plain data; a client that is declared is not among it."""
        context = self.context
        return {
            "redirect_uri": self._redirect_uri,
            "client": None if self._declared else _plain_or_none(context.client_info),
            "metadata": _plain_or_none(context.oauth_metadata),
            "resource": _plain_or_none(context.protected_resource_metadata),
            "tokens": _plain_or_none(context.current_tokens),
            "expires_at": context.token_expiry_time,
        }

    def _restore(self, stored: Kept) -> None:
        context, resource, tokens = self.context, stored["resource"], stored["tokens"]
        context.oauth_metadata = found = OAuthMetadata.model_validate(stored["metadata"])
        context.protected_resource_metadata = resource and ProtectedResourceMetadata.model_validate(resource)
        context.current_tokens = tokens and OAuthToken.model_validate(tokens)
        context.client_info = self._declared or OAuthClientInformationFull.model_validate(stored["client"])
        ways = found.token_endpoint_auth_methods_supported or [_BASIC]
        if self._declared and self._declared.client_secret and _BASIC not in ways:
            self._declared.token_endpoint_auth_method = "client_secret_post"  # noqa: S105 - a method

    def _select_authorization_server(self, advertised: list[str]) -> str:
        ours = (one for one in advertised if self._issuer and issuers_match(one, self._issuer))
        return next(ours, advertised[0])

    async def _perform_authorization_code_grant(self) -> NoReturn:
        """Raises _BegunError, or OAuthFlowError where it is not clear who would get the code, or without PKCE."""
        context = self.context
        found, client = context.oauth_metadata, context.client_info
        if found is None or client is None:
            raise OAuthFlowError("Nobody says where to sign in.")
        if self._issuer and not issuers_match(str(found.issuer), self._issuer):
            raise OAuthFlowError("It is not the issuer that is declared.")
        if "S256" not in (found.code_challenge_methods_supported or ()):
            raise OAuthFlowError("It does without PKCE.")
        proof, state = PKCEParameters.generate(), secrets.token_urlsafe(32)
        asked = self._asked(client.client_id, state, proof.code_challenge)
        address = httpx2.URL(str(found.authorization_endpoint)).copy_merge_params(asked)
        raise _BegunError(str(address), state, proof.code_verifier)

    def _asked(self, client: str, state: str, challenge: str) -> dict[str, str]:
        """An authorization request (RFC 6749, 7636 and 8707)."""
        scope = self._scope or self.context.client_metadata.scope or ""
        asked = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": self._redirect_uri,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "resource": self.context.get_resource_url(),
            "scope": scope,
            "prompt": "consent" if "offline_access" in scope.split() else "",
        }
        return {key: value for key, value in asked.items() if value}


def _declared_client(name: str, server: Server) -> OAuthClientInformationFull | None:
    client_id, secret = credentials(name, server)
    if client_id is None:
        return None
    method = _BASIC if secret else "none"
    return OAuthClientInformationFull(
        client_id=client_id, client_secret=secret, token_endpoint_auth_method=method
    )


def _silence() -> None:
    """The library's loggers tell what servers said."""
    for logger in ("mcp.client", "mcp.shared", "client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)
