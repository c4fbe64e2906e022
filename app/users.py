"""Who may ask over the server: the users of KAIROS_USERS by token, or the local profile from this machine."""

import getpass
import hashlib
import hmac
import os
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from state.errors import KairosError
from state.identity import Identity
from state.postgres import api_key_lookup, api_keys
from state.settings import settings

STUDIO = "https://smith.langchain.com"


class User(BaseModel):
    """One entry of the users file; the token itself is never stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    tenant: str = Field(min_length=1)
    principal: str = Field(min_length=1)
    groups: tuple[str, ...] = ()

    @property
    def identity(self) -> Identity:
        """Who that is for everything else."""
        return Identity(self.tenant, self.principal, self.groups)


@lru_cache(maxsize=1)
def users() -> tuple[User, ...] | None:
    """The users of the file that KAIROS_USERS names, read once; None without one. Blocks the first time."""
    path = settings().users
    return None if path is None else _read(path)


def by_token(authorization: str | None) -> User | None:
    """The user whose bearer token this is; every entry is compared, each in constant time."""
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        return None
    digest = hashlib.sha256(token.strip().encode()).hexdigest()
    matches = [user for user in users() or () if hmac.compare_digest(user.token_sha256, digest)]
    return matches[0] if matches else None


async def by_key(authorization: str | None) -> Identity | None:
    """Who a virtual key acts for; None if none is shown. Raises KairosError key_unknown, key_expired or key_revoked."""
    scheme, _, secret = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not secret.startswith(api_keys.START):
        return None
    key = await api_key_lookup.find(secret.strip())
    return Identity(key.tenant, key.principal, key.groups, team=key.team, key=key.id, models=key.models)


def identity_of(user: Any) -> Identity:
    """The server's authenticated user, as app/auth.py described it."""
    return Identity(
        user["tenant"],
        user["identity"],
        tuple(user["groups"]),
        team=user["team"],
        key=user["key"],
        models=tuple(user["models"]),
    )


def account() -> str:
    """The name of the operating system's account, or its number: in a container it may have no name."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def local_user() -> User:
    """The person at this machine."""
    return User(
        token_sha256="0" * 64,
        tenant="default",
        principal=account(),
        groups=tuple(settings().local_groups),
    )


def is_local(client: str | None, host: str | None, origin: str | None) -> bool:
    """Whether a request comes from this machine, and not from some web page open in a browser on it.

    A foreign Host is DNS rebinding; a foreign Origin is another site's script. Studio may call.
    """
    names = [_host(f"//{host}" if host else None)]
    if origin and origin != STUDIO:
        names.append(_host(origin))
    return is_loopback(client) and all(map(is_loopback, names))


def _host(url: str | None) -> str | None:
    try:
        return urlsplit(url or "").hostname
    except ValueError:
        return None


def is_loopback(name: str | None) -> bool:
    """Whether a host is this machine."""
    if name == "localhost":
        return True
    try:
        return ip_address(name or "").is_loopback
    except ValueError:
        return False


def _read(path: Path) -> tuple[User, ...]:
    try:
        return TypeAdapter(tuple[User, ...]).validate_python(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError) as error:
        cause = str(error)
    except yaml.YAMLError as error:
        cause = " ".join(str(getattr(error, "problem_mark", "") or "it is not YAML").split())
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        cause = f"entry {'.'.join(map(str, first['loc']))}: {first['msg']}"
    raise KairosError("users_invalid", f"The users file {path} cannot be used: {cause}.")
