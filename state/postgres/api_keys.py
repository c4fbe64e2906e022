"""Virtual API keys: shown once, stored as SHA-256, rotated with a time in which old and new both work."""

import hashlib
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from psycopg import OperationalError
from psycopg.errors import UniqueViolation
from psycopg.rows import DictRow

from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import Connection, admin, scoped
from state.settings import settings

START = "kairos-"
LENGTH = len(START) + 43
SHOWN = 14
"""How many characters of a key are kept readable."""
FRESH_S = 5.0
CACHED = 10_000


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that works: who it acts for, and the models that it may ask for (none: all).

    `expires_at` is when this secret ends: with the key, or sooner where it was rotated away.
    """

    id: int
    tenant: str
    name: str
    principal: str
    team: str | None
    groups: tuple[str, ...]
    models: tuple[str, ...]
    expires_at: datetime | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made or rotated; the secret is stored nowhere."""

    id: int
    name: str
    secret: str
    expires_at: datetime | None


_cache: dict[bytes, tuple[float, ApiKey]] = {}
"""Keys by hash, with the time (monotonic, s) when they were read. `admit_calls` looks at revocation itself."""


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


async def find(secret: str) -> ApiKey:
    """The key of a secret, as it was at most 5 s ago.

    Raises KairosError: key_unknown, key_revoked, key_expired; database_unavailable. While the database is gone and
    KAIROS_LIMITS_WITHOUT_DATABASE allows calls, a key that was seen before works.
    """
    if len(secret) != LENGTH or not secret.startswith(START) or not secret.isascii():
        raise _unknown()
    digest = hashlib.sha256(secret.encode()).digest()
    read_at, known = _cache.get(digest, (0.0, None))
    if known is None or time.monotonic() - read_at >= FRESH_S:
        known = await _read_or(known, digest)
    if known.expires_at is not None and known.expires_at <= datetime.now(UTC):
        raise _expired()
    return known


async def _read_or(known: ApiKey | None, digest: bytes) -> ApiKey:
    try:
        found = await _read(digest)
    except (OperationalError, KairosError) as error:
        gone = isinstance(error, OperationalError) or error.code == "database_unavailable"
        if gone and known is not None and settings().limits_without_database == "allow":
            return known
        if not gone:
            _cache.pop(digest, None)
        raise
    _cache.pop(digest, None)  # the last read is the last to go
    _cache[digest] = (time.monotonic(), found)
    if len(_cache) > CACHED:
        _cache.pop(next(iter(_cache)), None)
    return found


async def _read(digest: bytes) -> ApiKey:
    async with admin() as connection:
        cursor = await connection.execute(
            "SELECT k.id, k.tenant, k.name, k.principal, k.team, k.groups, k.models, k.revoked_at, "
            "least(k.expires_at, s.expires_at) AS expires_at, least(k.expires_at, s.expires_at) <= now() AS over "
            "FROM api_key_secrets s JOIN api_keys k ON k.id = s.key WHERE s.sha256 = %s",
            (digest,),
        )
        row = await cursor.fetchone()
    if row is None:
        raise _unknown()
    if row.pop("revoked_at") is not None:
        raise KairosError("key_revoked", "This API key was revoked.")
    if row.pop("over"):
        raise _expired()
    return ApiKey(**row | {"groups": tuple(row["groups"]), "models": tuple(row["models"])})


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


def _unknown() -> KairosError:
    return KairosError("key_unknown", "There is no such API key.")


def _expired() -> KairosError:
    return KairosError("key_expired", "This API key has expired.")
