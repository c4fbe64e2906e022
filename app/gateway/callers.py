"""Who sends a request: the server's authenticated user, or here the bearer of a virtual key or a token."""

import asyncio

from starlette.requests import Request

from app.users import User, by_key, by_token, identity_of, is_local, local_user, users
from state.caller import Caller
from state.errors import KairosError

FEATURE = "gateway"


async def caller_of(request: Request) -> Caller:
    """The caller. Raises KairosError unauthenticated, key_unknown, key_expired or key_revoked."""
    if "user" in request.scope and getattr(request.user, "is_authenticated", False):
        return Caller(identity_of(request.user), FEATURE)
    authorization = request.headers.get("authorization")
    if (known := await by_key(authorization)) is None:
        user = await asyncio.to_thread(_by_token, request, authorization)
        if user is None:
            raise KairosError(
                "unauthenticated", "This needs a virtual key or a token: Authorization: Bearer …"
            )
        known = user.identity
    return Caller(known, FEATURE)


def _by_token(request: Request, authorization: str | None) -> User | None:
    if users() is not None:
        return by_token(authorization)
    client = request.client.host if request.client else None
    here = is_local(client, request.headers.get("host"), request.headers.get("origin"))
    return local_user() if here else None
