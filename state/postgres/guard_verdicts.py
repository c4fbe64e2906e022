"""The record of what guards found: rows of a turn, without the text or the places in it."""

from collections.abc import Sequence
from typing import Any

from psycopg.types.json import Jsonb

from state.guard import GuardVerdict
from state.identity import Identity
from state.postgres.pool import scoped

KEYS = ("direction", "check", "rule", "code", "action", "policy", "dry_run")


async def add(identity: Identity, trace_id: str, verdicts: Sequence[GuardVerdict]) -> None:
    """Record a turn's verdicts, alike ones in one row; a turn that is replayed with its trace id is recorded once."""
    if not verdicts:
        return
    async with scoped(identity) as connection:
        await connection.execute(
            """
            INSERT INTO guard_verdicts (tenant, principal, trace_id, number, direction, check_name, rule, code, action,
                policy, dry_run, hits, score)
            SELECT %(tenant)s, %(principal)s, %(trace_id)s, r.number, r.direction, r."check", r.rule, r.code, r.action,
                r.policy, r.dry_run, r.hits, r.score
            FROM jsonb_to_recordset(%(rows)s) AS r (number integer, direction text, "check" text, rule text,
                code text, action text, policy text, dry_run boolean, hits integer, score double precision)
            ON CONFLICT DO NOTHING
            """,
            {
                "tenant": identity.tenant,
                "principal": identity.principal,
                "trace_id": trace_id,
                "rows": Jsonb(_rows(verdicts)),
            },
        )


def _rows(verdicts: Sequence[GuardVerdict]) -> list[dict[str, Any]]:
    rows: dict[tuple[object, ...], dict[str, Any]] = {}
    for one in verdicts:
        every = dict(one)
        kind = {key: every[key] for key in KEYS}
        row = rows.setdefault(tuple(kind.values()), {**kind, "number": len(rows), "hits": 0, "score": 0.0})
        row["hits"] += 1
        row["score"] = max(row["score"], one["score"])
    return list(rows.values())
