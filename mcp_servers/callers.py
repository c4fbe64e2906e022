"""Whose call it is: over HTTP who sent this very message, over stdio the person who started the process."""

from dataclasses import dataclass
from typing import Any

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.context import ServerRequestContext
from mcp.server.mcpserver import Context
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_REQUEST
from starlette.requests import Request
from starlette.types import Scope

from mcp_servers.platform.turns import Turns
from state.identity import Identity

_KEY = "kairos.identity"


@dataclass(frozen=True, slots=True)
class Serving:
    """What a server's handlers are given. local: the caller over stdio, None over HTTP."""

    local: Identity | None = None
    turns: Turns | None = None


Call = Context[Serving, Request]


def asker(call: Call) -> Identity:
    """Who calls. Raises MCPError for a message that nobody answers for."""
    return asker_of(call.request_context)


def asker_of(context: ServerRequestContext[Serving, Any]) -> Identity:
    """The identity of one message, never that of the session which it came through."""
    request = context.request
    found = context.lifespan_context.local if request is None else request.scope.get(_KEY)
    if not isinstance(found, Identity):
        raise MCPError(code=INVALID_REQUEST, message="This call has no authenticated caller.")
    return found


def on_behalf_of(identity: Identity, scope: Scope) -> Scope:
    """The request with its caller; a session that one of them opened answers nobody else (mcp compares `user`)."""
    # RFC 9110, 5.5: blanks around a value are none of it; not every HTTP parser takes those at its end away.
    headers = [(name, value.strip(b" \t")) for name, value in scope["headers"]]
    token = AccessToken(token="", client_id=identity.tenant, subject=identity.principal, scopes=[])
    return {**scope, "headers": headers, _KEY: identity, "user": AuthenticatedUser(token)}
