"""Approvals: what waits for a person, who may answer, and the one answer that counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from state.errors import KairosError
from state.identity import Identity
from state.inbox import Answer
from state.postgres.pool import Connection, admin, scoped

TELL_AGAIN = "25 seconds"
"""Less than from one poll to the next, and more than one telling takes."""
AT_ONCE = 50
"""So many are told of at the same time."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is put before people. approvers: groups whose members may answer; own: the principal may too.

    form: JSON Schema of what is to be filled in, where a tool asks something; none: a call is to be approved.
    """

    id: UUID
    thread_id: str
    tool: str
    risk: str
    arguments: Mapping[str, Any]
    description: str
    approvers: Sequence[str] = ()
    own: bool = False
    needed: int = 1
    expires: timedelta = timedelta(days=7)
    escalate: timedelta | None = None
    escalate_to: Sequence[str] = ()
    remind: timedelta | None = None
    form: Mapping[str, Any] | None = None


async def ask(identity: Identity, asked: Sequence[Asked]) -> None:
    """Put them before people; one that was asked already stays as it is."""
    async with scoped(identity) as connection, connection.cursor() as cursor:
        await cursor.executemany(
            """
            INSERT INTO approvals (id, tenant, principal, thread_id, tool, risk, arguments, description, approvers,
                own, needed, escalate_to, form, escalate_at, remind_at, expires_at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, now() + %s, now() + %s, now() + %s)
            ON CONFLICT DO NOTHING
            """,
            [_values(identity, one) for one in asked],
        )


async def pending(identity: Identity) -> list[DictRow]:
    """Those that the identity may answer now, oldest first."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, principal, thread_id, tool, risk, arguments, form, description, needed, created_at, "
            "expires_at, own, approvers, "
            "(SELECT count(*) FROM approval_answers a WHERE a.approval = approvals.id) AS answers "
            "FROM approvals WHERE status = 'pending' AND expires_at > now() ORDER BY created_at, id"
        )
        rows = await cursor.fetchall()
    return [row for row in rows if _may(identity, row)]


async def of_thread(identity: Identity, thread_id: str) -> list[DictRow]:
    """All of a thread, with who answered last and what: `kind`, `note`, `by`; those past their time are expired."""
    async with scoped(identity) as connection:
        await connection.execute(
            "UPDATE approvals SET status = 'expired', decided_at = now() "
            "WHERE thread_id = %s AND status = 'pending' AND expires_at <= now()",
            (thread_id,),
        )
        cursor = await connection.execute(
            "SELECT p.*, a.kind, a.note, a.principal AS by FROM approvals p LEFT JOIN LATERAL (SELECT kind, note, "
            "principal FROM approval_answers WHERE approval = p.id ORDER BY created_at DESC LIMIT 1) a "
            "ON true WHERE p.thread_id = %s ORDER BY p.created_at, p.id",
            (thread_id,),
        )
        return await cursor.fetchall()


async def answer(
    identity: Identity, approval: UUID, kind: Answer, arguments: Any = None, note: str | None = None
) -> DictRow:
    """Answer one: the row as it stands then. An edit counts as acceptance of what was edited, and undoes earlier ones.

    Raises KairosError: approval_unknown, approval_forbidden, approval_decided, approval_expired, approval_answered.
    """
    async with scoped(identity) as connection:
        row = await _open_to(connection, identity, approval)
        if kind == "edit":
            await connection.execute("DELETE FROM approval_answers WHERE approval = %s", (approval,))
            await connection.execute(
                "UPDATE approvals SET arguments = %s WHERE id = %s", (Jsonb(arguments), approval)
            )
        added = await connection.execute(
            "INSERT INTO approval_answers (approval, tenant, principal, kind, arguments, note) "
            "VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (approval, row["tenant"], identity.principal, kind, Jsonb(arguments), note),
        )
        if not added.rowcount:
            raise KairosError("approval_answered", "You have answered this already; another person must too.")
        return await _decided(connection, approval, kind)


async def what(identity: Identity, approval: UUID) -> DictRow:
    """What an approval is about: tool, arguments, form. Raises KairosError approval_unknown."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT tool, arguments, form FROM approvals WHERE id = %s", (approval,)
        )
        row = await cursor.fetchone()
    if row is None:
        raise KairosError("approval_unknown", "There is no such approval.")
    return row


async def due() -> list[DictRow]:
    """Escalate and expire what is due, and give what people are to be reminded of, with `escalated` and `expired`."""
    async with admin() as connection:
        cursor = await connection.execute(
            """
            UPDATE approvals SET
                status = CASE WHEN expires_at <= now() THEN 'expired' ELSE status END,
                decided_at = CASE WHEN expires_at <= now() THEN now() END,
                approvers = CASE WHEN escalate_at <= now() THEN approvers || escalate_to ELSE approvers END,
                escalate_at = CASE WHEN escalate_at <= now() THEN NULL ELSE escalate_at END,
                remind_at = NULL,
                untold = CASE WHEN expires_at <= now() THEN 'expired' ELSE 'reminder' END,
                tell_at = now()
            WHERE status = 'pending' AND (expires_at <= now() OR escalate_at <= now() OR remind_at <= now())
            RETURNING id, tenant, principal, thread_id, tool, risk, approvers, status, expires_at
            """
        )
        return await cursor.fetchall()


async def to_tell() -> list[DictRow]:
    """Those that a webhook has yet to be told of, with the event as `untold`; given to one caller at a time.

    One that is not `told` by then is given out again at the next poll, until it is decided, or expired for a day.
    """
    async with admin() as connection:
        cursor = await connection.execute(
            """
            UPDATE approvals SET tell_at = now() + %s::interval WHERE id IN (
                SELECT id FROM approvals WHERE untold IS NOT NULL AND tell_at <= now() AND (
                    (status = 'pending' AND expires_at > now())
                    OR (status = 'expired' AND untold = 'expired' AND decided_at > now() - interval '1 day'))
                ORDER BY tell_at LIMIT %s FOR UPDATE SKIP LOCKED)
            RETURNING id, tenant, principal, tool, risk, approvers, untold, expires_at
            """,
            (TELL_AGAIN, AT_ONCE),
        )
        return await cursor.fetchall()


async def told(approval: UUID, event: str) -> None:
    """The webhook has taken it; an event that came meanwhile is told too."""
    async with admin() as connection:
        await connection.execute(
            "UPDATE approvals SET untold = NULL WHERE id = %s AND untold = %s", (approval, event)
        )


async def _open_to(connection: Connection, identity: Identity, approval: UUID) -> DictRow:
    """The row, locked: of two who answer at once, one waits and then finds it decided."""
    cursor = await connection.execute(
        "SELECT *, expires_at <= now() AS late FROM approvals WHERE id = %s FOR UPDATE", (approval,)
    )
    row = await cursor.fetchone()
    if row is None:
        raise KairosError("approval_unknown", "There is no such approval.")
    if not _may(identity, row):
        raise KairosError("approval_forbidden", "You may not answer this approval.")
    if row["status"] == "expired" or (row["status"] == "pending" and row["late"]):
        raise KairosError("approval_expired", "The time for this approval is over; nothing was done.")
    if row["status"] != "pending":
        raise KairosError("approval_decided", f"This was {row['status']} already.")
    return row


async def _decided(connection: Connection, approval: UUID, kind: Answer) -> DictRow:
    """Accepted once enough have accepted, rejected by the first who does not."""
    cursor = await connection.execute(
        """
        UPDATE approvals SET status = CASE WHEN %(no)s THEN 'rejected' WHEN needed <= n THEN 'accepted' ELSE status END,
            decided_at = CASE WHEN %(no)s OR needed <= n THEN now() END
        FROM (SELECT count(*) AS n FROM approval_answers WHERE approval = %(id)s) AS answers
        WHERE id = %(id)s RETURNING id, thread_id, tool, arguments, status, needed, n AS answers
        """,
        {"id": approval, "no": kind in ("ignore", "response")},
    )
    row = await cursor.fetchone()
    assert row is not None  # noqa: S101 - it is locked by this transaction
    return row


def _may(identity: Identity, row: DictRow) -> bool:
    if identity.principal == row["principal"]:
        return bool(row["own"])
    return bool(set(identity.groups) & set(row["approvers"]))


def _values(identity: Identity, one: Asked) -> tuple[Any, ...]:
    return (
        one.id,
        identity.tenant,
        identity.principal,
        one.thread_id,
        one.tool,
        one.risk,
        Jsonb(one.arguments),
        one.description,
        list(one.approvers),
        one.own,
        one.needed,
        list(one.escalate_to),
        None if one.form is None else Jsonb(one.form),
        one.escalate,
        one.remind,
        one.expires,
    )
