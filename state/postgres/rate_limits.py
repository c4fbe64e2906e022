"""Rate limits: requests or tokens in some seconds, by key, user, team, tenant, model (deployment), or in all."""

from contextlib import AbstractAsyncContextManager
from typing import Literal

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.budgets import subject_of
from state.postgres.pool import Connection, admin, scoped

Kind = Literal["key", "user", "team", "tenant", "model", "global"]
Measure = Literal["requests", "tokens"]
Algorithm = Literal["token_bucket", "sliding_window"]
AtLimit = Literal["refuse", "queue"]
SHARED = ("model", "global")
"""The kinds that hold for all tenants together."""


async def put(
    identity: Identity,
    kind: Kind,
    name: str,
    measure: Measure,
    amount: int,
    seconds: float,
    algorithm: Algorithm = "token_bucket",
    burst: int | None = None,
    at_limit: AtLimit = "refuse",
) -> int:
    """Set a limit of `amount` in `seconds`; returns its number. Names are as in budgets, a deployment's for a model.

    A token bucket of `burst` (as many as `amount` if not given) is filled at that rate; a window slides, and counts
    the one before by the share of it that is still in sight. Raises KairosError: rate_limit_invalid,
    subject_missing, api_key_unknown.
    """
    most = amount if burst is None else burst
    if amount < 1 or seconds <= 0 or most < 1:
        raise KairosError("rate_limit_invalid", "A limit needs an amount, a burst and seconds above zero.")
    if algorithm == "sliding_window" and most != amount:
        raise KairosError("rate_limit_invalid", "Only a token bucket has a burst.")
    subject = "" if kind == "global" else await subject_of(identity, kind, name)
    async with _session(identity, kind) as connection:
        cursor = await connection.execute(
            "INSERT INTO rate_limits (tenant, kind, subject, measure, amount, seconds, algorithm, most, at_limit) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, kind, subject, measure, seconds) DO UPDATE "
            "SET amount = excluded.amount, algorithm = excluded.algorithm, most = excluded.most, "
            "at_limit = excluded.at_limit RETURNING id",
            (_tenant(identity, kind), kind, subject, measure, amount, seconds, algorithm, most, at_limit),
        )
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row
    return int(row["id"])


async def overview(identity: Identity) -> list[DictRow]:
    """The tenant's limits, and those that hold for all tenants."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT l.id, l.kind, CASE l.kind WHEN 'key' THEN coalesce(k.name, l.subject) ELSE l.subject END AS name, "
            "l.measure, l.amount, l.seconds, l.algorithm, l.most AS burst, l.at_limit, l.created_at "
            "FROM rate_limits l LEFT JOIN api_keys k ON l.kind = 'key' AND k.id::text = l.subject "
            "WHERE l.tenant IN (%s, '') ORDER BY l.id",
            (identity.tenant,),
        )
        return await cursor.fetchall()


async def remove(identity: Identity, rate_limit: int) -> None:
    """Remove a limit. Raises KairosError rate_limit_unknown."""
    async with admin() as connection:
        cursor = await connection.execute(
            "DELETE FROM rate_limits WHERE id = %s AND tenant IN (%s, '')", (rate_limit, identity.tenant)
        )
        if not cursor.rowcount:
            raise KairosError("rate_limit_unknown", f"There is no limit {rate_limit}.")


def _tenant(identity: Identity, kind: Kind) -> str:
    return "" if kind in SHARED else identity.tenant


def _session(identity: Identity, kind: Kind) -> AbstractAsyncContextManager[Connection]:
    return admin() if kind in SHARED else scoped(identity, role="kairos_accountant")
