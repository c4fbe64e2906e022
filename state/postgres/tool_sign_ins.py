"""Who has signed in at which tool server: sealed tokens, which row-level security shows to their own person alone."""

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, scoped
from state.sealing import Sealer, sealer

MINUTES = 10
"""For so long a sign-in that was begun can be finished."""
LARGEST = 200_000
Value = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Whose tokens, and at which server: they hold for its address only."""

    identity: Identity
    server: str
    url: str

    @property
    def words(self) -> list[str]:
        """They stand in what is sealed too, so that nothing sealed counts in the row of another."""
        return [self.identity.tenant, self.identity.principal, self.server, self.url]


@dataclass(frozen=True, slots=True)
class Claimed:
    """What is kept, while nobody else refreshes it."""

    place: Place
    value: dict[str, Any]
    sealed: bytes

    async def replace(self, value: Value) -> None:
        """Keep another value in its place, unless the person has signed in or out meanwhile."""
        sealing = await sealer()
        async with _own(self.place.identity) as connection:
            await connection.execute(
                "UPDATE tool_sign_ins SET sealed = %s, busy_until = NULL, updated_at = now() "
                "WHERE server = %s AND sealed = %s",
                (_sealed(sealing, self.place, value), self.place.server, self.sealed),
            )

    async def forget(self) -> None:
        """Keep nothing, with the same reservation."""
        async with _own(self.place.identity) as connection:
            await connection.execute(
                "DELETE FROM tool_sign_ins WHERE server = %s AND sealed = %s",
                (self.place.server, self.sealed),
            )

    async def release(self) -> None:
        """Let others refresh it."""
        async with _own(self.place.identity) as connection:
            await connection.execute(
                "UPDATE tool_sign_ins SET busy_until = NULL WHERE server = %s AND sealed = %s",
                (self.place.server, self.sealed),
            )


async def find(place: Place) -> dict[str, Any] | None:
    """What is kept, None where nobody signed in, or it cannot be unsealed. Raises as `sealer` does."""
    sealing = await sealer()
    async with _own(place.identity) as connection:
        cursor = await connection.execute(
            "SELECT sealed FROM tool_sign_ins WHERE server = %s AND url = %s", (place.server, place.url)
        )
        row = await cursor.fetchone()
    return None if row is None else _unsealed(sealing, place, row["sealed"])


async def claim(place: Place, seconds: float) -> Claimed | None:
    """What is kept, for the one that may refresh it in so many seconds; None while another does, or without any.

    No transaction stays open meanwhile: an authorization server that hangs must not use up the connections.
    """
    sealing = await sealer()
    async with _own(place.identity) as connection:
        cursor = await connection.execute(
            "UPDATE tool_sign_ins SET busy_until = clock_timestamp() + make_interval(secs => %s) "
            "WHERE server = %s AND url = %s AND coalesce(busy_until < clock_timestamp(), true) RETURNING sealed",
            (seconds, place.server, place.url),
        )
        row = await cursor.fetchone()
    value = None if row is None else _unsealed(sealing, place, row["sealed"])
    return None if row is None or value is None else Claimed(place, value, row["sealed"])


async def keep(place: Place, value: Value) -> None:
    """Keep the tokens of a person who has just signed in, in place of any before."""
    sealing = await sealer()
    async with _own(place.identity) as connection:
        await connection.execute(
            "INSERT INTO tool_sign_ins (tenant, principal, server, url, sealed) VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (tenant, principal, server) DO UPDATE SET url = excluded.url, sealed = excluded.sealed, "
            "busy_until = NULL, created_at = now(), updated_at = now()",
            (*place.words, _sealed(sealing, place, value)),
        )


async def forget(identity: Identity, server: str) -> bool:
    """Sign out: keep nothing of a person at a server. False if there was nothing."""
    async with _own(identity) as connection:
        await connection.execute("DELETE FROM tool_sign_ins_begun WHERE server = %s", (server,))
        cursor = await connection.execute("DELETE FROM tool_sign_ins WHERE server = %s", (server,))
        return cursor.rowcount > 0


async def everything(identity: Identity) -> list[DictRow]:
    """server, url and created_at (UTC) of all at which this person has signed in."""
    async with _own(identity) as connection:
        cursor = await connection.execute("SELECT server, url, created_at FROM tool_sign_ins ORDER BY server")
        return await cursor.fetchall()


async def begin(place: Place, state: str, value: Value) -> None:
    """Keep for some minutes what it takes to finish; whoever begins again cannot finish the first any more."""
    sealing = await sealer()
    async with _own(place.identity) as connection:
        await connection.execute(
            "INSERT INTO tool_sign_ins_begun (tenant, principal, server, url, state_sha256, sealed, expires_at) "
            "VALUES (%s, %s, %s, %s, %s, %s, now() + make_interval(mins => %s)) "
            "ON CONFLICT (tenant, principal, server) DO UPDATE SET url = excluded.url, sealed = excluded.sealed, "
            "state_sha256 = excluded.state_sha256, expires_at = excluded.expires_at, created_at = now()",
            (*place.words, _digest(state), _sealed(sealing, place, value), MINUTES),
        )


async def take(identity: Identity, state: str) -> tuple[Place, dict[str, Any]] | None:
    """What this very person began under a state, once; None if that is unknown, used, or too long ago."""
    sealing = await sealer()
    async with _own(identity) as connection:
        cursor = await connection.execute(
            "DELETE FROM tool_sign_ins_begun WHERE state_sha256 = %s "
            "RETURNING server, url, sealed, expires_at > now() AS in_time",
            (_digest(state),),
        )
        row = await cursor.fetchone()
    if row is None or not row["in_time"]:
        return None
    place = Place(identity, row["server"], row["url"])
    value = _unsealed(sealing, place, row["sealed"])
    return None if value is None else (place, value)


@asynccontextmanager
async def _own(identity: Identity) -> AsyncIterator[Connection]:
    """A transaction that sees what belongs to this one person."""
    async with scoped(identity) as connection:
        await connection.execute("SELECT set_config('kairos.principal', %s, true)", (identity.principal,))
        yield connection


def _sealed(sealing: Sealer, place: Place, value: Value) -> bytes:
    """Raises KairosError sign_in_too_large: it is read for each request."""
    sealed = sealing.seal({"place": place.words, "value": dict(value)})
    if len(sealed) > LARGEST:
        raise KairosError("sign_in_too_large", f"What {place.server} gives to sign in with is far too large.")
    return sealed


def _unsealed(sealing: Sealer, place: Place, sealed: bytes) -> dict[str, Any] | None:
    found = sealing.unseal(sealed)
    if found is None or found["place"] != place.words:
        return None
    value: dict[str, Any] = found["value"]
    return value


def _digest(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
