"""Tools of servers as somebody accepted them, and those that are held because they say something else now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import scoped

FIRST = "first sight"
"""Who accepts what a server declares when it is reached for the first time."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A tool ("server.name") as it is declared now; `reason`: why it is held."""

    tool: str
    sha256: str
    declaration: Mapping[str, Any]
    reason: str = ""


async def pinned(identity: Identity, server: str) -> dict[str, DictRow]:
    """By tool: sha256 and declaration as accepted, held_sha256 of what is held (None: nothing of either)."""
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT coalesce(p.tool, h.tool) AS tool, p.sha256, p.declaration, h.sha256 AS held_sha256 "
            "FROM (SELECT * FROM pinned_tools WHERE starts_with(tool, %(server)s)) p "
            "FULL JOIN (SELECT * FROM held_tools WHERE starts_with(tool, %(server)s)) h USING (tenant, tool)",
            {"server": f"{server}."},
        )
        return {row["tool"]: row for row in await cursor.fetchall()}


async def pin_first(identity: Identity, server: str, seen: Sequence[Seen]) -> bool:
    """Accept all, if nothing of the server is known yet; False if somebody else was first."""
    async with scoped(identity) as connection:
        await connection.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 12))", (f"{identity.tenant}/{server}",)
        )
        known = await connection.execute(
            "SELECT 1 FROM (SELECT tool FROM pinned_tools UNION ALL SELECT tool FROM held_tools) known "
            "WHERE starts_with(tool, %s) LIMIT 1",
            (f"{server}.",),
        )
        if await known.fetchone():
            return False
        for one in seen:
            await connection.execute(
                "INSERT INTO pinned_tools (tenant, tool, sha256, declaration, principal) VALUES (%s, %s, %s, %s, %s)",
                (identity.tenant, one.tool, one.sha256, Jsonb(one.declaration), FIRST),
            )
        return True


async def hold(identity: Identity, seen: Sequence[Seen]) -> None:
    """Keep what waits to be accepted; of each tool what it says last."""
    async with scoped(identity) as connection:
        for one in seen:
            await connection.execute(
                "INSERT INTO held_tools (tenant, tool, sha256, declaration, reason) VALUES (%s, %s, %s, %s, %s) "
                "ON CONFLICT (tenant, tool) DO UPDATE SET sha256 = excluded.sha256, "
                "declaration = excluded.declaration, reason = excluded.reason, created_at = now()",
                (identity.tenant, one.tool, one.sha256, Jsonb(one.declaration), one.reason),
            )


async def forget_held(identity: Identity, tools: Sequence[str]) -> None:
    """Of tools that say again what was accepted."""
    async with scoped(identity) as connection:
        await connection.execute("DELETE FROM held_tools WHERE tool = ANY(%s)", (list(tools),))


async def accept(identity: Identity, tool: str, sha256: str = "") -> DictRow:
    """Take the held declaration of a tool, whose hash begins with `sha256`, as it was shown.

    Raises KairosError tool_not_held, also where the server has changed it once more since.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "DELETE FROM held_tools WHERE tool = %s AND starts_with(sha256, %s) "
            "RETURNING tool, sha256, declaration, reason",
            (tool, sha256),
        )
        row = await cursor.fetchone()
        if row is None:
            raise KairosError("tool_not_held", f"No such declaration of {tool} waits to be accepted.")
        await connection.execute(
            "INSERT INTO pinned_tools (tenant, tool, sha256, declaration, principal) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, tool) DO UPDATE SET sha256 = excluded.sha256, "
            "declaration = excluded.declaration, principal = excluded.principal, created_at = now()",
            (identity.tenant, tool, row["sha256"], Jsonb(row["declaration"]), identity.principal),
        )
        return row


async def everything(identity: Identity) -> list[DictRow]:
    """What is held, then what is accepted: tool, sha256, declaration, reason (None: accepted), principal, created_at.

    before: of what is held, the declaration that was accepted, if one was.
    """
    async with scoped(identity) as connection:
        cursor = await connection.execute(
            "SELECT tool, sha256, declaration, reason, NULL AS principal, created_at, "
            "(SELECT p.declaration FROM pinned_tools p WHERE p.tool = h.tool) AS before FROM held_tools h "
            "UNION ALL SELECT tool, sha256, declaration, NULL, principal, created_at, NULL FROM pinned_tools "
            "ORDER BY reason NULLS LAST, tool"
        )
        return await cursor.fetchall()
