"""Secrets at rest: sealed by the key of the installation (Fernet: AES-128-CBC with HMAC-SHA256).

The key is KAIROS_SECRET_KEY. With the embedded database, which lives on the same disk, it may be a file in KAIROS_HOME.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from state.errors import KairosError
from state.settings import settings

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

FILE = "secret.key"


async def sealer() -> Sealer:
    """What seals and opens. Raises KairosError secret_key_needed or secret_key_invalid."""
    return await asyncio.to_thread(_made)


class Sealer:
    """Seals by the first key and opens by any, so that keys can be replaced."""

    def __init__(self, keys: MultiFernet) -> None:
        self._keys = keys

    def seal(self, value: Mapping[str, Any]) -> bytes:
        """A value as bytes that nobody can read or change without the key."""
        return self._keys.encrypt(json.dumps(value).encode())

    def unseal(self, sealed: bytes) -> dict[str, Any] | None:
        """The value; None if it was changed, or sealed by a key that is gone."""
        from cryptography.fernet import InvalidToken

        try:
            found: dict[str, Any] = json.loads(self._keys.decrypt(sealed))
        except InvalidToken:
            return None
        return found


def _made() -> Sealer:
    from cryptography.fernet import Fernet, MultiFernet

    try:
        return Sealer(MultiFernet([Fernet(key.strip()) for key in _keys().split(",")]))
    except ValueError:  # which may say the key
        raise KairosError(
            "secret_key_invalid",
            f"KAIROS_SECRET_KEY, or else {FILE} in KAIROS_HOME, must hold 32 random bytes in URL-safe base64; "
            "several such are separated by commas.",
        ) from None


def _keys() -> str:
    given = settings().secret_key
    if given is not None:
        return given.get_secret_value()
    if settings().database_url is not None:
        raise KairosError(
            "secret_key_needed",
            "Tokens are stored sealed: with KAIROS_DATABASE_URL set KAIROS_SECRET_KEY too; see .env.example.",
        )
    return _of_file(settings().home / FILE)


def _of_file(path: Path) -> str:
    """The key in a file, made at first. A link makes it appear whole, whoever else makes one too."""
    from cryptography.fernet import Fernet

    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            draft = path.with_name(f"{FILE}.{uuid4().hex}")
            try:
                with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    file.write(Fernet.generate_key())
                    file.flush()
                    os.fsync(file.fileno())
                with suppress(FileExistsError):
                    os.link(draft, path)
            finally:
                draft.unlink(missing_ok=True)
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise KairosError("secret_key_needed", f"The key {path} cannot be used: {error.strerror}.") from None
