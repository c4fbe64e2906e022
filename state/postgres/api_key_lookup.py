"""Who a virtual API key belongs to, remembered for some seconds."""

import hashlib
import time
from dataclasses import dataclass
from datetime import UTC, datetime

from psycopg import OperationalError

from state.errors import KairosError
from state.postgres.api_keys import LENGTH, START
from state.postgres.pool import admin
from state.settings import settings

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


_cache: dict[bytes, tuple[float, ApiKey]] = {}
"""Keys by hash, with the time (monotonic, s) when they were read. `admit_calls` looks at revocation itself."""


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


def _unknown() -> KairosError:
    return KairosError("key_unknown", "There is no such API key.")


def _expired() -> KairosError:
    return KairosError("key_expired", "This API key has expired.")
