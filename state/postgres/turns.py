"""The record of turns: one row each."""

from typing import TypedDict

from state.identity import Identity
from state.postgres.pool import admin, scoped


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
