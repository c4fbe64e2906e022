"""Calls of tools: the intent before, the outcome after, so that no effect is ever had twice."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, connection, scoped

Status = Literal["intended", "asked", "done", "failed", "unknown"]
LOOK_S = 0.05


@dataclass(frozen=True, slots=True)
class Intent:
    """A call that is about to be made; `id` is the idempotency key."""

    id: UUID
    thread_id: str
    tool: str
    risk: str
    arguments: Mapping[str, Any]


@asynccontextmanager
async def alone(call: UUID, seconds: float) -> AsyncIterator[None]:
    """Whoever is within is the only one who makes this call; a process that dies is within no more.

    Raises KairosError call_in_progress after `seconds` of another's being within.
    """
    key = int.from_bytes(call.bytes[:8], signed=True)
    async with connection() as session:
        for _ in range(max(1, round(seconds / LOOK_S))):
            cursor = await session.execute("SELECT pg_try_advisory_lock(%s) AS got", (key,))
            row = await cursor.fetchone()
            if row and row["got"]:
                break
            await asyncio.sleep(LOOK_S)
        else:
            raise KairosError("call_in_progress", "Another process is making this call just now.")
        try:
            yield
        finally:
            await session.execute("SELECT pg_advisory_unlock(%s)", (key,))


async def intend(identity: Identity, intent: Intent) -> DictRow | None:
    """Write the intent; None if it is new, else the row that was there: `status` and `outcome` say how far it came.

    A call whose tool only asked something counts as new.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "INSERT INTO tool_calls (id, tenant, principal, thread_id, tool, risk, arguments) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (
                intent.id,
                identity.tenant,
                identity.principal,
                intent.thread_id,
                intent.tool,
                intent.risk,
                Jsonb(intent.arguments),
            ),
        )
        if cursor.rowcount or await _asked_only(connection, intent.id):
            return None
        found = await connection.execute("SELECT status, outcome FROM tool_calls WHERE id = %s", (intent.id,))
        row = await found.fetchone()
    if row is None:
        raise KairosError("call_of_another", "This call belongs to another tenant.")
    return row


async def status(identity: Identity, call: UUID) -> Status | None:
    """How far a call came; None if it was never intended."""
    async with scoped(identity) as connection:
        cursor = await connection.execute("SELECT status FROM tool_calls WHERE id = %s", (call,))
        row = await cursor.fetchone()
    return None if row is None else row["status"]


async def _asked_only(connection: Connection, call: UUID) -> bool:
    """Whether its tool asked something, and did nothing; it is intended again then."""
    cursor = await connection.execute(
        "UPDATE tool_calls SET status = 'intended' WHERE id = %s AND status = 'asked'", (call,)
    )
    return bool(cursor.rowcount)


async def finish(identity: Identity, call: UUID, status: Status, outcome: Mapping[str, Any]) -> None:
    """Record what came of it."""
    async with scoped(identity) as connection:
        await connection.execute(
            "UPDATE tool_calls SET status = %s, outcome = %s, finished_at = now() WHERE id = %s",
            (status, Jsonb(outcome), call),
        )


async def of_thread(identity: Identity, thread_id: str) -> list[DictRow]:
    """The calls of a thread, in the order in which they were intended."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT id, tool, risk, arguments, status, outcome, created_at, finished_at FROM tool_calls "
            "WHERE thread_id = %s ORDER BY created_at, id",
            (thread_id,),
        )
        return await cursor.fetchall()
