"""What a call asks of its budgets and limits, and what it is told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ask:
    """A call that wants to be made. `tokens` and `nano_usd` (1e-9 US dollars) are upper bounds; 0: no price.

    `key` is the number of a virtual API key, `deployment` the one that will be called for `model`. A reservation
    that is not settled after `seconds` counts as lost.
    """

    id: UUID
    tenant: str
    user: str
    team: str | None
    key: int | None
    run: str | None
    model: str
    deployment: str
    tokens: int
    nano_usd: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a call may be made.

    `code` is empty when admitted, else budget_exceeded, rate_limited, key_revoked, key_expired or
    limits_unavailable, and `sentence` is for people. `retry_after` is in seconds; None: waiting does not help.
    `remaining_nano_usd` is that of the tightest budget. `policy` is what the spent budget or limit asks for: "",
    refuse, downgrade or queue.
    `of` is whose the budget or limit is: key, user, team, tenant, model (the deployment) or global.
    """

    admitted: bool
    code: str
    sentence: str
    retry_after: float | None
    warnings: tuple[str, ...]
    remaining_nano_usd: int | None
    policy: str
    of: str = ""


RETRY_S = 1.0
"""When to ask again while the database is gone."""


def verdict(
    ask: Ask,
    code: str,
    cause: Mapping[str, Any] | None,
    retry_after: float | None,
    remaining: int | None,
    policy: str,
    warnings: list[dict[str, Any]],
) -> Verdict:
    """A row of `admit_calls` as a verdict."""
    return Verdict(
        admitted=not code,
        code=code,
        sentence=_sentence(ask, code, cause or {}, retry_after),
        retry_after=retry_after,
        warnings=tuple(_warning(found) for found in warnings),
        remaining_nano_usd=None if remaining is None else max(0, remaining),
        policy=policy,
        of=str((cause or {}).get("kind", "")),
    )


def without_database(allow: bool) -> Verdict:
    """The verdict while the database cannot be reached."""
    gone = "The database that counts budgets and limits cannot be reached"
    if allow:
        return Verdict(True, "", "", None, (f"{gone}: this call is checked against none.",), None, "")
    return Verdict(
        False, "limits_unavailable", f"{gone}, so that no call is admitted.", RETRY_S, (), None, "refuse"
    )


def unusable() -> Verdict:
    """The verdict on an ask that the database cannot take."""
    return Verdict(
        False,
        "limits_unavailable",
        "This call cannot be checked: a number or name in it is too long.",
        None,
        (),
        None,
        "refuse",
    )


def _sentence(ask: Ask, code: str, cause: Mapping[str, Any], retry_after: float | None) -> str:
    match code:
        case "key_revoked":
            return "This API key was revoked."
        case "key_expired":
            return "This API key has expired."
        case "budget_exceeded":
            return (
                f"{_budget(cause)} of ${dollars(cause['nano_usd'])} has no room for this call, "
                f"which may cost up to ${dollars(ask.nano_usd)}."
            )
        case "rate_limited":
            return _limited(cause, retry_after)
        case _:
            return ""


def _limited(cause: Mapping[str, Any], retry_after: float | None) -> str:
    limit = f"{cause['amount']} {cause['measure']} in {cause['seconds']:g} s for {_subject(cause)}"
    if retry_after is None:
        return (
            f"This call may take {cause['asked']} {cause['measure']}, and the limit of {limit} "
            f"never lets more than {cause['most']} through at once."
        )
    return f"The limit of {limit} is reached: try again in {max(0.1, retry_after):.1f} s."


def _warning(found: Mapping[str, Any]) -> str:
    return f"{_budget(found)} is used to {found['percent']} %."


def _budget(found: Mapping[str, Any]) -> str:
    period = {"run": "budget for a run", "day": "budget for the day", "month": "budget for the month"}
    return f"The {period.get(found['period'], 'budget')} of {_subject(found)}"


def _subject(found: Mapping[str, Any]) -> str:
    kind, name = found["kind"], found["subject"]
    return "everybody" if kind == "global" else "this API key" if kind == "key" else f"{kind} {name}"


def dollars(nano_usd: int) -> str:
    """Nano-dollars as dollars, with two decimals or as many as there are."""
    whole, rest = divmod(nano_usd, 10**9)
    decimals = f"{rest:09d}".rstrip("0")
    return f"{whole}.{decimals:0<2}"
