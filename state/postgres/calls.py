"""The ledger: one row a call of a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.sql import SQL, Identifier

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import admin, scoped
from state.postgres.verdicts import Ask

Status = Literal["ok", "cut", "disconnected", "failed", "refused", "lost"]

GROUPINGS = {
    "tenant": "c.tenant",
    "user": "c.principal",
    "team": "c.team",
    "key": "(SELECT k.name FROM api_keys k WHERE k.id = c.key)",
    "model": "c.model",
    "deployment": "c.deployment",
    "feature": "c.feature",
    "day": "(c.created_at AT TIME ZONE 'UTC')::date::text",
}
"""What usage may be summed by, and where that stands."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """What a call was and took. `id` is its reservation's; `cached_tokens` are among the input tokens.

    `nano_usd` is in 1e-9 US dollars, None when the price is unknown; `seconds` is the whole call, `first_token_s`
    the time to the first token; `model` was asked for, `deployment` answered; `route` holds the routing's reasons.
    """

    id: UUID
    tenant: str
    user: str
    team: str | None = None
    key: int | None = None
    feature: str = ""
    node: str = ""
    model: str
    deployment: str
    input_tokens: int = 0
    cached_tokens: int = 0
    output_tokens: int = 0
    nano_usd: int | None = None
    seconds: float = 0.0
    first_token_s: float | None = None
    attempts: int = 1
    route: tuple[str, ...] = ()
    prompt_hash: str | None = None
    trace_id: str | None = None
    run: str | None = None
    status: Status = "ok"
    code: str = ""
    at: datetime = field(default_factory=_now)


def never_made(ask: Ask, status: Status, code: str) -> CallRecord:
    """The record of a call that was asked for and not made: it cost nothing."""
    return CallRecord(
        id=ask.id,
        tenant=ask.tenant,
        user=ask.user,
        team=ask.team,
        key=ask.key,
        model=ask.model,
        deployment=ask.deployment,
        nano_usd=0,
        attempts=0,
        run=ask.run,
        status=status,
        code=code,
    )


async def usage(
    identity: Identity, by: Sequence[str], since: datetime, every_tenant: bool = False
) -> list[DictRow]:
    """Sums of the calls since a moment, by the names of GROUPINGS, the dearest first (days in their order).

    `unpriced` counts calls whose price is unknown: they add nothing to `nano_usd`. Raises KairosError grouping_unknown.
    """
    if unknown := [name for name in by if name not in GROUPINGS]:
        raise KairosError("grouping_unknown", f"{unknown[0]!r} is none of {', '.join(GROUPINGS)}.")
    names = list(dict.fromkeys(by))
    columns = [SQL("{} AS {}").format(SQL(GROUPINGS[name]), Identifier(name)) for name in names]
    sums = SQL(
        "count(*) AS calls, coalesce(sum(c.input_tokens), 0)::bigint AS input_tokens, "
        "coalesce(sum(c.cached_tokens), 0)::bigint AS cached_tokens, "
        "coalesce(sum(c.output_tokens), 0)::bigint AS output_tokens, "
        "coalesce(sum(c.nano_usd), 0)::bigint AS nano_usd, "
        "count(*) FILTER (WHERE c.nano_usd IS NULL) AS unpriced, "
        "count(*) FILTER (WHERE c.status <> 'ok') AS not_ok"
    )
    places = SQL(", ").join(SQL(str(place)) for place in range(1, len(names) + 1))
    statement = SQL("SELECT {} FROM calls c WHERE c.created_at >= %s").format(
        SQL(", ").join([*columns, sums])
    )
    if names:
        order = SQL("day, nano_usd DESC") if "day" in names else SQL("nano_usd DESC")
        statement += SQL(" GROUP BY {places} ORDER BY {order}, {places}").format(places=places, order=order)
    session = admin() if every_tenant else scoped(identity, role="kairos_accountant")
    async with session as connection:
        return await (await connection.execute(statement, (since,))).fetchall()
