"""Runs of agents: which are under way, wait for a person, or went wrong and can be taken up again."""

from typing import Literal

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import admin, scoped

Status = Literal["running", "waiting", "done", "stopped", "failed"]
LOST = "5 minutes"
"""A run that has not been heard of for so long has lost its process."""


async def begin(identity: Identity, thread_id: str, agent: str, machine: str) -> None:
    """A run begins, or goes on. Raises KairosError thread_of_another."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "INSERT INTO agent_runs (thread_id, tenant, principal, groups, agent, machine, status) "
            "VALUES (%s, %s, %s, %s, %s, %s, 'running') ON CONFLICT (thread_id) DO UPDATE "
            "SET status = 'running', error = NULL, updated_at = now(), groups = excluded.groups "
            "WHERE agent_runs.tenant = excluded.tenant AND agent_runs.principal = excluded.principal",
            (thread_id, identity.tenant, identity.principal, list(identity.groups), agent, machine),
        )
        if not cursor.rowcount:
            raise KairosError("thread_of_another", "This conversation belongs to another person.")


async def mark(identity: Identity, thread_id: str, status: Status, error: str | None = None) -> None:
    """What became of it; one that its asker has stopped neither runs nor waits any more."""
    async with scoped(identity) as connection:
        await connection.execute(
            "UPDATE agent_runs SET status = %(status)s, error = %(error)s, updated_at = now() "
            "WHERE thread_id = %(thread)s AND NOT (status = 'stopped' AND %(status)s IN ('running', 'waiting'))",
            {"status": status, "error": error, "thread": thread_id},
        )


async def found(thread_id: str) -> tuple[Identity, str]:
    """On whose behalf a run acts, and the machine whose thread it is. Raises KairosError thread_unknown."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT tenant, principal, groups, machine FROM agent_runs WHERE thread_id = %s", (thread_id,)
        )
        row = await cursor.fetchone()
    if row is None:
        raise KairosError("thread_unknown", "There is no such run.")
    return Identity(row["tenant"], row["principal"], tuple(row["groups"])), str(row["machine"])


async def dead(identity: Identity, *, own: bool = False) -> list[DictRow]:
    """The dead letters of the tenant: runs that failed, and those whose process is gone. own: the identity's alone."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT thread_id, principal, agent, status, error, updated_at FROM agent_runs "
            "WHERE (status = 'failed' OR (status = 'running' AND updated_at < now() - %s::interval)) "
            "AND (principal = %s OR NOT %s) ORDER BY updated_at",
            (LOST, identity.principal, own),
        )
        return await cursor.fetchall()


async def of_asker(identity: Identity, thread_id: str) -> DictRow:
    """A run of the identity's own, with `lost`. Raises KairosError thread_unknown, for another's too."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT thread_id, agent, machine, status, error, updated_at, "
            "status = 'running' AND updated_at < now() - %s::interval AS lost "
            "FROM agent_runs WHERE thread_id = %s AND principal = %s",
            (LOST, thread_id, identity.principal),
        )
        row = await cursor.fetchone()
    if row is None:
        raise KairosError("thread_unknown", "You have no such run.")
    return row


async def stop(identity: Identity, thread_id: str) -> None:
    """Stop a run of the identity's own: it ends before its next step, and its approvals are withdrawn.

    Raises KairosError thread_unknown, run_ended.
    """
    row = await of_asker(identity, thread_id)
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "UPDATE agent_runs SET status = 'stopped', error = NULL, updated_at = now() "
            "WHERE thread_id = %s AND status IN ('running', 'waiting')",
            (thread_id,),
        )
        if not cursor.rowcount:
            raise KairosError("run_ended", f"This run is {row['status']} already.")
        await connection.execute(
            "UPDATE approvals SET status = 'expired', decided_at = now() WHERE thread_id = %s AND status = 'pending'",
            (thread_id,),
        )


async def take_up(identity: Identity, thread_id: str, *, others: bool = False) -> None:
    """Take up a run of the identity's own that was stopped, failed or lost its process, once.

    others: a dead letter of somebody else in the tenant too; one that its asker has stopped stays so.
    Raises KairosError thread_unknown, run_under_way, run_ended.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT status FROM agent_runs WHERE thread_id = %s AND (principal = %s OR %s)",
            (thread_id, identity.principal, others),
        )
        row = await cursor.fetchone()
        if row is None:
            raise KairosError("thread_unknown", "You have no such run.")
        cursor = await connection.execute(
            "UPDATE agent_runs SET status = 'running', error = NULL, updated_at = now() WHERE thread_id = %s "
            "AND (principal = %s OR (%s AND status <> 'stopped')) AND (status IN ('stopped', 'failed') "
            "OR (status = 'running' AND updated_at < now() - %s::interval))",
            (thread_id, identity.principal, others, LOST),
        )
        if not cursor.rowcount:
            code = "run_ended" if row["status"] in ("done", "stopped") else "run_under_way"
            raise KairosError(code, f"This run is {row['status']}: there is nothing to take up.")
