"""What routing is told, and what it says."""

from dataclasses import dataclass

from tools.models.entry import Entry

GATEWAY = "gateway"
"""The role of requests from outside, which any model may serve."""


@dataclass(frozen=True, slots=True)
class Facts:
    """One request. `asked`: the name of an entry, or one that entries serve; None: whoever serves the role.

    `needs` are capabilities; `input_tokens` is an estimate from above; a share (canary, shadow) is drawn by the hash
    of `share_key`, such as the id of a run, so that one run stays with one model.
    """

    asked: str | None
    role: str
    tenant: str
    groups: tuple[str, ...]
    needs: frozenset[str]
    input_tokens: int
    max_output: int
    share_key: str


@dataclass(frozen=True, slots=True)
class Live:
    """A deployment as seen now: EWMAs of seconds to the first token and of errors (0 to 1), breaker, calls, quota."""

    first_token_s: float | None = None
    error_rate: float = 0.0
    is_open: bool = False
    in_flight: int = 0
    is_used_up: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An entry to try, and why it stands where it stands."""

    entry: Entry
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """Whom to try, in order; every other entry with the reason; who gets a copy of the request, if anybody."""

    candidates: tuple[Candidate, ...]
    excluded: tuple[tuple[str, str], ...]
    shadow: Entry | None
