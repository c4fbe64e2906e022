"""Who asks: always from the authenticated user of the server or the CLI's local profile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from state.errors import KairosError

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Identity:
    """An authenticated asker, in the shape of LangGraph's BaseUser.

    `local` marks the person at this machine's terminal, who may ingest any file that they can read. `key` is the number
    of the virtual key that was shown, if one was, `team` the one that it names, and `models` those that it may call
    (none: all).
    """

    tenant: str
    principal: str
    groups: tuple[str, ...] = ()
    local: bool = False
    team: str | None = None
    key: int | None = None
    models: tuple[str, ...] = ()

    @property
    def paying_team(self) -> str | None:
        """The team whose budgets and limits hold: the one that is named, else the first group."""
        return self.team or next(iter(self.groups), None)

    @property
    def identity(self) -> str:
        return self.principal

    @property
    def display_name(self) -> str:
        return self.principal

    @property
    def is_authenticated(self) -> bool:
        return True

    @property
    def permissions(self) -> list[str]:
        return []


def asker(runtime: Runtime[Any]) -> Identity:
    """The identity a run belongs to; a run without an authenticated user is refused."""
    user = runtime.server_info.user if runtime.server_info else None
    tenant = getattr(user, "tenant", None)
    if user is None or not isinstance(tenant, str) or not tenant:
        raise KairosError("unauthenticated", "This run has no authenticated user with a tenant.")
    groups = tuple(str(group) for group in getattr(user, "groups", ()))
    return Identity(
        tenant,
        str(user.identity),
        groups,
        getattr(user, "local", False) is True,
        getattr(user, "team", None),
        getattr(user, "key", None),
        tuple(getattr(user, "models", ()) or ()),
    )
