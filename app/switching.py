"""Kill switches over HTTP: everybody sees what is stopped in their tenant, its operators stop and release."""

from typing import Annotated, Any, Literal

from fastapi import Path, Request
from pydantic import BaseModel, ConfigDict, StringConstraints

from app.operators import operates, operator_of
from app.users import identity_of
from state.postgres import kill_switches

Kind = Literal["tool", "server", "agent"]
Name = Annotated[str, Path(pattern=r"^[\w.:-]{1,200}$")]
Reason = StringConstraints(
    strip_whitespace=True, min_length=1, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$"
)


class Stop(BaseModel):
    """Why; agents and people are told."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    reason: Annotated[str, Reason]


async def stopped(request: Request) -> dict[str, Any]:
    """What is stopped, oldest first, and whether the asker may change that."""
    identity = identity_of(request.user)
    return {"switches": await kill_switches.thrown(identity), "operator": await operates(identity)}


async def stop(kind: Kind, name: Name, given: Stop, request: Request) -> dict[str, str]:
    """Stop it, in running tasks too."""
    await kill_switches.throw(await operator_of(request.user), kind, name, given.reason)
    return {"kind": kind, "name": name, "state": "stopped"}


async def release(kind: Kind, name: Name, request: Request) -> dict[str, str]:
    """Let it act again."""
    await kill_switches.release(await operator_of(request.user), kind, name)
    return {"kind": kind, "name": name, "state": "released"}


async def stop_tenant(given: Stop, request: Request) -> dict[str, str]:
    """Stop all acting of the operator's tenant."""
    identity = await operator_of(request.user)
    await kill_switches.throw(identity, "tenant", "", given.reason)
    return {"kind": "tenant", "name": identity.tenant, "state": "stopped"}


async def release_tenant(request: Request) -> dict[str, str]:
    """Let the operator's tenant act again."""
    identity = await operator_of(request.user)
    await kill_switches.release(identity, "tenant", "")
    return {"kind": "tenant", "name": identity.tenant, "state": "released"}
