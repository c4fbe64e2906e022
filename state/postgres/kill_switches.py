"""Kill switches: a tool, a server, an agent or a whole tenant acts no more, from the next call on."""

from typing import Literal

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import scoped

Kind = Literal["tool", "server", "agent", "tenant"]


async def throw(identity: Identity, kind: Kind, name: str, reason: str) -> None:
    """Stop it; thrown twice, the later reason stands."""
    async with scoped(identity) as connection:
        await connection.execute(
            "INSERT INTO kill_switches (tenant, kind, name, reason, principal) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, kind, name) DO UPDATE SET reason = excluded.reason, "
            "principal = excluded.principal, created_at = now()",
            (identity.tenant, kind, _name(identity, kind, name), reason, identity.principal),
        )


async def release(identity: Identity, kind: Kind, name: str) -> None:
    """Let it act again. Raises KairosError switch_unknown."""
    name = _name(identity, kind, name)
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "DELETE FROM kill_switches WHERE kind = %s AND name = %s", (kind, name)
        )
        if not cursor.rowcount:
            raise KairosError("switch_unknown", f"The {kind} {name} is not stopped.")


async def thrown(identity: Identity, thread_id: str | None = None) -> list[DictRow]:
    """What is stopped now; with a thread also its run, as kind "run", if its asker has cancelled it."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT kind, name, reason, principal, created_at FROM kill_switches UNION ALL "
            "SELECT 'run', thread_id, 'it was cancelled', principal, updated_at FROM agent_runs "
            "WHERE thread_id = %s AND status = 'stopped' ORDER BY created_at",
            (thread_id,),
        )
        return await cursor.fetchall()


def _name(identity: Identity, kind: Kind, name: str) -> str:
    return identity.tenant if kind == "tenant" else name
