"""Being let in by a server: as the platform, or as a person who has signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from uuid import uuid4

import httpx2

from state.identity import Identity
from state.postgres import tool_sign_ins
from state.postgres.tool_sign_ins import Place
from tools.mcp import faults
from tools.mcp.code_flow import BegunError, CodeFlow
from tools.mcp.declared import Server
from tools.mcp.held_tokens import Tokens
from tools.mcp.http import http_client
from tools.mcp.library import (
    ClientCredentialsOAuthProvider,
    OAuthFlowError,
    silence,
    types,
    validate_authorization_response_iss,
)
from tools.mcp.reaching import credentials, headers
from tools.mcp.signed_in import Kept, SignedIn

_PING = {"jsonrpc": "2.0", "id": 0, "method": "ping"}
_ASKED = {
    "Accept": "application/json, text/event-stream",
    "MCP-Protocol-Version": types.LATEST_PROTOCOL_VERSION,
}


def client_credentials(name: str, server: Server) -> httpx2.Auth:
    """One token of the platform for all askers (RFC 6749, 4.4). Raises KairosError server_unavailable."""
    client_id, secret = credentials(name, server)
    assert server.oauth is not None  # noqa: S101 - the caller looked
    assert client_id  # noqa: S101 - so it is declared
    assert secret  # noqa: S101 - so it is declared
    issuer, scope = str(server.oauth.issuer).rstrip("/"), server.oauth.scope
    return ClientCredentialsOAuthProvider(
        str(server.url), Tokens(), client_id, secret, scope=scope, issuer=issuer
    )


async def as_person(
    name: str, server: Server, identity: Identity
) -> Callable[[httpx2.AsyncBaseTransport], SignedIn]:
    """What puts the asker's token on each request. Raises KairosError sign_in_needed, or as `sealer` does."""
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
    silence()
    flow = CodeFlow(name, server, redirect_uri)
    async with _signing_in(name, server, identity, flow) as client:
        try:
            response = await client.post(str(server.url), json=_PING, headers=_ASKED)
        except BegunError as begun:
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
    silence()
    flow = CodeFlow(name, server, begun["redirect_uri"], begun)
    async with _signing_in(name, server, identity, None) as client:
        validate_authorization_response_iss(issuer, flow.context.oauth_metadata)
        request = await flow._exchange_token_authorization_code(code, begun["verifier"])
        await flow._handle_token_response(await client.send(request))
    return {**flow.stored, "id": str(uuid4())}


async def _refresh(name: str, server: Server, kept: Kept) -> httpx2.Request:
    return await CodeFlow(name, server, kept["redirect_uri"], kept)._refresh_token()


async def _refreshed(name: str, server: Server, kept: Kept, response: httpx2.Response) -> Kept | None:
    flow = CodeFlow(name, server, kept["redirect_uri"], kept)
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
