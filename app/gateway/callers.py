"""Who sends a request: the server's authenticated user, or here the bearer of a virtual key or a token."""

import asyncio

from starlette.requests import Request

from app.users import User, by_token, is_local, local_user, users
from state.caller import Caller
from state.errors import KairosError
from state.identity import Identity
from state.postgres import api_keys

FEATURE = "gateway"


async def caller_of(request: Request) -> Caller:
    """The caller. Raises KairosError unauthenticated, key_unknown, key_expired or key_revoked."""
    if "user" in request.scope and getattr(request.user, "is_authenticated", False):
        return _known(request)
    authorization = request.headers.get("authorization")
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() == "bearer" and secret.startswith(api_keys.START):
        key = await api_keys.find(secret.strip())
        identity = Identity(key.tenant, key.principal, key.groups)
        return Caller(identity, FEATURE, team=key.team, key=key.id, models=key.models)
    user = await asyncio.to_thread(_by_token, request, authorization)
    if user is None:
        raise KairosError("unauthenticated", "This needs a virtual key or a token: Authorization: Bearer …")
    identity = Identity(user.tenant, user.principal, user.groups)
    return Caller(identity, FEATURE, team=user.groups[0] if user.groups else None)


def _by_token(request: Request, authorization: str | None) -> User | None:
    if users() is not None:
        return by_token(authorization)
    client = request.client.host if request.client else None
    here = is_local(client, request.headers.get("host"), request.headers.get("origin"))
    return local_user() if here else None


def _known(request: Request) -> Caller:
    """As app/auth.py described the user."""
    user = request.user
    groups = tuple(user["groups"])
    identity = Identity(user["tenant"], user["identity"], groups)
    team = user.get("team") or (groups[0] if groups else None)
    return Caller(identity, FEATURE, team=team, key=user.get("key"), models=tuple(user.get("models") or ()))
