"""Virtual API keys: shown once, stored as SHA-256, rotated with a time in which old and new both work."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, scoped

START = "kairos-"
LENGTH = len(START) + 43
SHOWN = 14
"""How many characters of a key are kept readable."""


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made or rotated; the secret is stored nowhere."""

    id: int
    name: str
    secret: str
    expires_at: datetime | None


async def create(
    identity: Identity,
    name: str,
    principal: str,
    team: str | None = None,
    groups: Sequence[str] = (),
    models: Sequence[str] = (),
    expires_in: timedelta | None = None,
) -> NewKey:
    """Make a key in the identity's tenant. Raises KairosError: api_key_invalid, api_key_exists."""
    if not name.strip() or name == "*":
        raise KairosError("api_key_invalid", "A key needs a name, and * is none.")
    secret = _secret()
    try:
        async with scoped(identity, role="kairos_accountant") as connection:
            cursor = await connection.execute(
                "INSERT INTO api_keys (tenant, name, principal, team, groups, models, expires_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, now() + %s) RETURNING id, expires_at",
                (
                    identity.tenant,
                    name,
                    principal,
                    team,
                    sorted(set(groups)),
                    sorted(set(models)),
                    expires_in,
                ),
            )
            row = await cursor.fetchone()
            assert row is not None  # noqa: S101 - RETURNING gives the row
            await _add_secret(connection, row["id"], secret)
    except UniqueViolation:
        raise KairosError(
            "api_key_exists", f"There is a key {name!r} already: rotate or revoke it."
        ) from None
    return NewKey(row["id"], name, secret, row["expires_at"])


async def rotate(identity: Identity, name: str, grace: timedelta) -> NewKey:
    """Give a key a new secret; the old ones work for `grace` yet. Raises KairosError api_key_unknown."""
    secret = _secret()
    async with scoped(identity, role="kairos_accountant") as connection:
        row = await _named(connection, name)
        await connection.execute(
            "UPDATE api_key_secrets SET expires_at = least(expires_at, now() + %s) WHERE key = %s",
            (grace, row["id"]),
        )
        await _add_secret(connection, row["id"], secret)
    return NewKey(row["id"], name, secret, row["expires_at"])


async def revoke(identity: Identity, name: str) -> None:
    """End a key for good, at once; its name is free again. Raises KairosError api_key_unknown."""
    async with scoped(identity, role="kairos_accountant") as connection:
        row = await _named(connection, name)
        await connection.execute("UPDATE api_keys SET revoked_at = now() WHERE id = %s", (row["id"],))


async def number(identity: Identity, name: str) -> int:
    """The number of a key that is not revoked. Raises KairosError api_key_unknown."""
    async with scoped(identity, role="kairos_accountant") as connection:
        return int((await _named(connection, name))["id"])


async def overview(identity: Identity) -> list[DictRow]:
    """Every key of the tenant, the newest first; `prefixes` are those of the secrets that still work."""
    async with scoped(identity, role="kairos_accountant") as connection:
        cursor = await connection.execute(
            "SELECT k.*, CASE WHEN k.revoked_at IS NOT NULL THEN 'revoked' WHEN k.expires_at <= now() THEN 'expired' "
            "ELSE 'works' END AS status, ARRAY(SELECT s.prefix FROM api_key_secrets s WHERE s.key = k.id "
            "AND (s.expires_at > now()) IS NOT FALSE ORDER BY s.created_at) AS prefixes "
            "FROM api_keys k ORDER BY k.id DESC"
        )
        return await cursor.fetchall()


async def _named(connection: Connection, name: str) -> DictRow:
    cursor = await connection.execute(
        "SELECT id, expires_at FROM api_keys WHERE name = %s AND revoked_at IS NULL FOR NO KEY UPDATE",
        (name,),
    )
    row = await cursor.fetchone()
    if row is None:
        raise KairosError("api_key_unknown", f"There is no key {name!r}, or it was revoked.")
    return row


async def _add_secret(connection: Connection, key: int, secret: str) -> None:
    await connection.execute(
        "INSERT INTO api_key_secrets (sha256, key, prefix) VALUES (%s, %s, %s)",
        (hashlib.sha256(secret.encode()).digest(), key, secret[:SHOWN]),
    )


def _secret() -> str:
    return START + secrets.token_urlsafe(32)
