"""Authentication and ownership on the LangGraph server: identity comes from the request alone."""

import asyncio
from typing import Any

from langgraph_sdk import Auth

from app.users import by_key, by_token, is_local, local_user, users
from state.errors import KairosError
from state.identity import Identity
from state.postgres.turns import belongs_to_another

auth = Auth()


@auth.authenticate
async def authenticate(authorization: str | None, headers: dict[bytes, bytes], scope: dict[str, Any]) -> Any:
    """The user of a bearer token; without a users file, the local profile for requests from this machine."""
    try:
        known, shown = await asyncio.to_thread(users), await by_key(authorization)
    except KairosError as error:
        raise Auth.exceptions.HTTPException(status_code=401, detail=error.sentence) from None
    if shown is not None:
        return _bearer(shown, str(scope.get("path", "")))
    if known is None:
        client = (scope.get("client") or (None,))[0]
        if not is_local(client, _text(headers, b"host"), _text(headers, b"origin")):
            raise Auth.exceptions.HTTPException(
                status_code=403, detail="Without a users file only this machine itself may ask."
            )
        return _described(local_user().identity)
    user = by_token(authorization)
    if user is None:
        raise Auth.exceptions.HTTPException(status_code=401, detail="This needs a valid bearer token.")
    return _described(user.identity)


@auth.on
async def own(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> dict[str, str]:
    """Threads, runs and crons belong to who made them; nobody else can read, change or find them."""
    owner = {"owner": owner_of(ctx.user)}
    if isinstance(value, dict):
        metadata = value.setdefault("metadata", {})
        if isinstance(metadata, dict):
            metadata.update(owner)
    return owner


@auth.on.threads.create
async def create(ctx: Auth.types.AuthContext, value: Any) -> dict[str, str]:
    """A thread that the server lost in a crash comes back under its id, for its owner only."""
    identity = Identity(ctx.user["tenant"], ctx.user["identity"])
    thread_id = value.get("thread_id")
    if thread_id and await belongs_to_another(identity, str(thread_id)):
        raise Auth.exceptions.HTTPException(status_code=404, detail="There is no such thread.")
    return await own(ctx, value)


@auth.on.crons.create
async def refuse_cron(ctx: Auth.types.AuthContext, value: Any) -> None:
    """The server runs a cron without its user's tenant (langgraph-api 0.16), so it would never read anything."""
    raise Auth.exceptions.HTTPException(
        status_code=403, detail="Give a source a schedule instead: kairos sources add … --schedule."
    )


@auth.on.assistants
async def shared(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> bool:
    """Everyone may read the machines and run them; they come from the code, so nobody may change them."""
    return ctx.action in ("read", "search")


@auth.on.store
async def apart(ctx: Auth.types.AuthContext, value: dict[str, Any]) -> None:
    """Every namespace of the store begins with its owner."""
    namespace = tuple(value.get("namespace") or ())
    owner = owner_of(ctx.user)
    value["namespace"] = namespace if namespace[:1] == (owner,) else (owner, *namespace)


def owner_of(user: Any) -> str:
    """The owner's name in metadata: tenant and principal."""
    return f"{user['tenant']}/{user['identity']}"


def _described(identity: Identity) -> dict[str, Any]:
    """As `identity_of` reads it again."""
    return {
        "identity": identity.principal,
        "display_name": identity.principal,
        "is_authenticated": True,
        "permissions": [],
        "tenant": identity.tenant,
        "groups": list(identity.groups),
        "team": identity.team,
        "key": identity.key,
        "models": list(identity.models),
    }


def _bearer(identity: Identity, path: str) -> dict[str, Any]:
    """The user of a virtual key: it opens the models, and neither threads nor documents."""
    if not path.startswith("/v1/"):
        raise Auth.exceptions.HTTPException(status_code=403, detail="A virtual key is for /v1/ alone.")
    return _described(identity)


def _text(headers: dict[bytes, bytes], name: bytes) -> str | None:
    value = headers.get(name)
    return value.decode("latin-1") if isinstance(value, bytes) else value
