"""Who may govern over HTTP: stop what acts in their tenant, and go on with what went wrong for others."""

import asyncio
from typing import Any

from app.users import identity_of, users
from state.errors import KairosError
from state.identity import Identity
from state.settings import settings


async def operates(identity: Identity) -> bool:
    """Members of KAIROS_OPERATORS do; without a users file, the person at this machine, but nobody by a virtual key."""
    if await asyncio.to_thread(users) is None:
        return identity.key is None
    return not set(settings().operators).isdisjoint(identity.groups)


async def operator_of(user: Any) -> Identity:
    """The identity of the server's user, who is an operator. Raises KairosError operator_needed."""
    identity = identity_of(user)
    if not await operates(identity):
        raise KairosError("operator_needed", "Only members of the groups in KAIROS_OPERATORS may do this.")
    return identity
