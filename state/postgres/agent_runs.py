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
    """What became of it."""
    async with scoped(identity) as connection:
        await connection.execute(
            "UPDATE agent_runs SET status = %s, error = %s, updated_at = now() WHERE thread_id = %s",
            (status, error, thread_id),
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


async def dead(identity: Identity) -> list[DictRow]:
    """The dead letters: runs that failed, and those whose process is gone."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT thread_id, principal, agent, status, error, updated_at FROM agent_runs "
            "WHERE status = 'failed' OR (status = 'running' AND updated_at < now() - %s::interval) "
            "ORDER BY updated_at",
            (LOST,),
        )
        return await cursor.fetchall()
