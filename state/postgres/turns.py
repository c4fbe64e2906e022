"""The record of turns: one row each."""

from collections.abc import Sequence
from typing import TypedDict

from state.identity import Identity
from state.postgres.pool import admin, connection, scoped


class Turn(TypedDict):
    """What a turn was and took; `cost` in US dollars, None when a price is unknown."""

    thread_id: str
    trace_id: str
    route: str
    refusal: str | None
    declined: bool
    supported: bool
    model: str
    prompt: str
    queries: int
    input_tokens: int
    output_tokens: int
    cost: float | None
    seconds: float


async def add(identity: Identity, turn: Turn) -> None:
    """Record a turn; one that is replayed with the same trace id is recorded once."""
    async with scoped(identity) as connection:
        await connection.execute(
            """
            INSERT INTO turns (tenant, principal, thread_id, trace_id, route, refusal, declined, supported, model,
                prompt, queries, input_tokens, output_tokens, cost, seconds)
            VALUES (%(tenant)s, %(principal)s, %(thread_id)s, %(trace_id)s, %(route)s, %(refusal)s, %(declined)s,
                %(supported)s, %(model)s, %(prompt)s, %(queries)s, %(input_tokens)s, %(output_tokens)s, %(cost)s,
                %(seconds)s)
            ON CONFLICT DO NOTHING
            """,
            {"tenant": identity.tenant, "principal": identity.principal, **turn},
        )


async def belongs_to_another(identity: Identity, thread_id: str) -> bool:
    """Whether somebody else has taken a turn on a thread."""
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT 1 FROM turns WHERE thread_id = %s AND (tenant, principal) <> (%s, %s) LIMIT 1",
            (thread_id, identity.tenant, identity.principal),
        )
        return await cursor.fetchone() is not None


async def refused(identity: Identity, codes: Sequence[str], minutes: float, most: int) -> int:
    """How many turns of the identity were refused with one of the codes in the last minutes; counted up to `most`."""
    async with connection() as found:  # by the owner of the table: its members may not read it
        cursor = await found.execute(
            """
            SELECT count(*) AS refused FROM (
                SELECT FROM turns WHERE tenant = %s AND principal = %s AND refusal IS NOT NULL
                    AND refusal = ANY(%s) AND created_at > now() - make_interval(secs => %s)
                LIMIT %s) AS latest
            """,
            (identity.tenant, identity.principal, list(codes), minutes * 60, most),
        )
        row = await cursor.fetchone()
        return int(row["refused"]) if row else 0
