"""What the server has done for it: runs of the machines, which this package does not import."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from state.identity import Identity

Report = Callable[[str], Awaitable[None]]
"""Told what a run is at."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A question or a task. thread_id: the conversation to go on with; confirmed: although a guard has a doubt."""

    text: str
    thread_id: str | None
    model: str | None
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Turns:
    """Handed in by the composition root; all raise KairosError.

    ask: a whole turn. start: begins a task and gives its thread. standing: how a run of the caller's stands.
    cancel: nothing more of it begins. resume: goes on with a run that was cancelled, failed or lost its process.
    carry_on: goes on with a thread whose approvals people have answered, whoever they are.
    """

    ask: Callable[[Identity, Wanted, Report], Awaitable[Mapping[str, Any]]]
    start: Callable[[Identity, Wanted], Awaitable[str]]
    standing: Callable[[Identity, str], Awaitable[Mapping[str, Any]]]
    cancel: Callable[[Identity, str], Awaitable[None]]
    resume: Callable[[Identity, str], Awaitable[None]]
    carry_on: Callable[[str], None]
