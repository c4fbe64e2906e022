"""False alarms, as askers report them."""

from datetime import datetime

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import scoped


async def add(identity: Identity, trace_id: str, check: str) -> None:
    """Record that what a check found in a turn of the asker's was a false alarm; again is no second report.

    Raises KairosError `verdict_unknown`.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            """
            WITH found AS (
                SELECT DISTINCT ON (rule) rule, code, policy FROM guard_verdicts
                WHERE tenant = %(tenant)s AND principal = %(principal)s AND trace_id = %(trace_id)s
                    AND check_name = %(check)s
                ORDER BY rule, number
            ), added AS (
                INSERT INTO guard_reports (tenant, principal, trace_id, check_name, rule, code, policy)
                SELECT %(tenant)s, %(principal)s, %(trace_id)s, %(check)s, rule, code, policy FROM found
                ON CONFLICT DO NOTHING
            )
            SELECT 1 FROM found
            """,
            {
                "tenant": identity.tenant,
                "principal": identity.principal,
                "trace_id": trace_id,
                "check": check,
            },
        )
        if await cursor.fetchone() is None:
            raise KairosError(
                "verdict_unknown", "This check found nothing in a turn of yours with this trace."
            )


async def reportable(identity: Identity, trace_id: str) -> list[str]:
    """The checks whose findings in a turn of the asker's were acted upon; none for a turn of somebody else's."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT DISTINCT check_name FROM guard_verdicts WHERE tenant = %s AND principal = %s AND trace_id = %s "
            "AND action IN ('redact', 'ask', 'refuse') AND NOT dry_run ORDER BY check_name",
            (identity.tenant, identity.principal, trace_id),
        )
        return [row["check_name"] for row in await cursor.fetchall()]


async def counts(identity: Identity, since: datetime) -> list[DictRow]:
    """By check and rule, the most reported first: what was found in the tenant's turns since a moment.

    `places` were found in so many `turns`; in `dry_run` of the turns nothing was done. `reports` call it a false alarm.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            """
            WITH found AS (
                SELECT check_name, rule, sum(hits)::bigint AS places, count(DISTINCT trace_id) AS turns,
                    count(DISTINCT trace_id) FILTER (WHERE dry_run) AS dry_run
                FROM guard_verdicts WHERE tenant = %(tenant)s AND created_at >= %(since)s GROUP BY check_name, rule
            ), reported AS (
                SELECT check_name, rule, count(*) AS reports
                FROM guard_reports WHERE tenant = %(tenant)s AND created_at >= %(since)s GROUP BY check_name, rule
            )
            SELECT check_name AS "check", rule, coalesce(places, 0) AS places, coalesce(turns, 0) AS turns,
                coalesce(dry_run, 0) AS dry_run, coalesce(reports, 0) AS reports
            FROM found FULL JOIN reported USING (check_name, rule)
            ORDER BY reports DESC, turns DESC, check_name, rule
            """,
            {"tenant": identity.tenant, "since": since},
        )
        return await cursor.fetchall()
