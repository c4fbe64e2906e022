"""Budgets: what a key, user, team or tenant may spend on models in a run, a day, a month, or at all (UTC)."""

from typing import Literal

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.api_keys import number
from state.postgres.pool import scoped

Kind = Literal["key", "user", "team", "tenant"]
Period = Literal["run", "day", "month", "total"]
AtLimit = Literal["refuse", "queue", "downgrade"]
EACH = "*"


async def put(
    identity: Identity, kind: Kind, name: str, period: Period, nano_usd: int, at_limit: AtLimit = "refuse"
) -> int:
    """Set a budget of the identity's tenant, in nano-dollars; returns its number. It counts from when it is first set.

    `name` is that of a key, user or team, or EACH: every one of the kind then has this much for itself; a tenant's is
    its own. Raises KairosError: budget_invalid, api_key_unknown.
    """
    if nano_usd < 0 or nano_usd >= 2**63:
        raise KairosError("budget_invalid", "A budget is 0 dollars or more, and less than 9.2 billion.")
    subject = await subject_of(identity, kind, name)
    async with scoped(identity, role="kairos_accountant") as connection:
        cursor = await connection.execute(
            "INSERT INTO budgets (tenant, kind, subject, period, nano_usd, at_limit) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, kind, subject, period) DO UPDATE "
            "SET nano_usd = excluded.nano_usd, at_limit = excluded.at_limit RETURNING id",
            (identity.tenant, kind, subject, period, nano_usd, at_limit),
        )
        row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - RETURNING gives the row
    return int(row["id"])


async def overview(identity: Identity) -> list[DictRow]:
    """The tenant's budgets; `spent` and `reserved` (nano-dollars) are those of the subject that has used most now."""
    async with scoped(identity, role="kairos_accountant") as connection:
        cursor = await connection.execute(
            """
            SELECT b.id, b.kind, CASE b.kind WHEN 'key' THEN coalesce(k.name, b.subject) ELSE b.subject END AS name,
                b.period, b.nano_usd, b.at_limit, b.created_at,
                coalesce(s.spent, 0) AS spent, coalesce(s.reserved, 0) AS reserved
            FROM budgets b LEFT JOIN api_keys k ON b.kind = 'key' AND k.id::text = b.subject
                LEFT JOIN LATERAL (
                    SELECT s.spent, s.reserved FROM spending s WHERE s.budget = b.id AND CASE b.period
                        WHEN 'day' THEN s.stretch = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')
                        WHEN 'month' THEN s.stretch = to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')
                        ELSE true END
                    ORDER BY s.spent + s.reserved DESC LIMIT 1
                ) s ON true
            ORDER BY b.id
            """
        )
        return await cursor.fetchall()


async def remove(identity: Identity, budget: int) -> None:
    """Remove a budget with what was counted on it. Raises KairosError budget_unknown."""
    async with scoped(identity, role="kairos_accountant") as connection:
        cursor = await connection.execute("DELETE FROM budgets WHERE id = %s", (budget,))
        if not cursor.rowcount:
            raise KairosError("budget_unknown", f"There is no budget {budget}.")


async def subject_of(identity: Identity, kind: str, name: str) -> str:
    """How a subject is stored: a key by its number, since its name may go to another one. Raises KairosError."""
    if kind == "tenant":
        return identity.tenant
    if not name.strip():
        raise KairosError("subject_missing", f"Say which {kind} is meant, or {EACH} for each.")
    return str(await number(identity, name)) if kind == "key" and name != EACH else name
