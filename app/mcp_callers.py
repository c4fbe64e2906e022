"""Who calls our MCP servers over HTTP: the bearer of a token, or without a users file only this machine."""

import asyncio
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection
from starlette.types import Scope

from app.users import User, by_token, identity_of, is_local, local_user, users
from state.errors import KairosError
from state.identity import Identity


async def who(scope: Scope) -> Identity:
    """The caller. Raises KairosError unauthenticated, origin_forbidden, users_invalid."""
    request = HTTPConnection(scope)
    client = request.client.host if request.client else None
    host, origin = request.headers.get("host"), request.headers.get("origin")
    if await _known() is None:
        if not is_local(client, host, origin):
            raise KairosError("origin_forbidden", "Without a users file only this machine itself may ask.")
        return local_user().identity
    if origin and not _same(origin, host):
        raise KairosError("origin_forbidden", "Another site's page may not call this.")
    if "user" in scope and scope["user"].is_authenticated:
        return identity_of(scope["user"])
    user = by_token(request.headers.get("authorization"))
    if user is None:
        raise KairosError("unauthenticated", "This needs a valid bearer token.")
    return user.identity


async def _known() -> tuple[User, ...] | None:
    """The users; only the first time they are read, and a thread is worth its milliseconds."""
    return users() if users.cache_info().currsize else await asyncio.to_thread(users)


def _same(origin: str, host: str | None) -> bool:
    """Whether a page of this very server, or of one on the reader's own machine, sent it."""
    try:
        name = urlsplit(origin).hostname
        return name in ("localhost", "127.0.0.1", "::1") or name == urlsplit(f"//{host}").hostname
    except ValueError:
        return False
