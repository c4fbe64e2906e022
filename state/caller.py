"""Who makes a call of a model, and what it is part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from state.identity import Identity, asker

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who pays, and the columns of the ledger that say for what.

    `key` is the number of a virtual key and `models` those it may call (none: all). Budgets of a team hold for `team`.
    """

    identity: Identity
    feature: str
    node: str = ""
    team: str | None = None
    key: int | None = None
    models: tuple[str, ...] = ()
    run: str | None = None
    trace_id: str = ""


def caller(runtime: Runtime[Any], feature: str, node: str) -> Caller:
    """The caller that a node is: its run's asker, whose team is the first of the groups."""
    identity, run = asker(runtime), runtime.execution_info
    run_id = run.run_id if run else None
    team = identity.groups[0] if identity.groups else None
    return Caller(identity, feature, node, team, run=run_id, trace_id=run_id or "")
