"""Who makes a call of a model, and what it is part of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from state.identity import Identity, asker

if TYPE_CHECKING:
    from langgraph.runtime import Runtime


@dataclass(frozen=True, slots=True)
class Caller:
    """The one who pays, and the columns of the ledger that say for what."""

    identity: Identity
    feature: str
    node: str = ""
    run: str | None = None
    trace_id: str = ""


def caller(runtime: Runtime[Any], feature: str, node: str) -> Caller:
    """The caller that a node is, for its run's asker."""
    run = runtime.execution_info
    run_id = run.run_id if run else None
    return Caller(asker(runtime), feature, node, run_id, run_id or "")


def thread_of(runtime: Runtime[Any]) -> str:
    """The conversation that a run belongs to; empty where nothing is checkpointed."""
    return (runtime.execution_info.thread_id if runtime.execution_info else None) or ""


def trace_of(runtime: Runtime[Any]) -> str:
    """What a run is found by in traces and in the record: its id, or one made up for a run without."""
    return (runtime.execution_info.run_id if runtime.execution_info else None) or str(uuid4())
