"""How a server is reached for an asker: the values of variables and headers, which nobody else is told."""

import os
from collections.abc import Mapping
from urllib.parse import quote

from state.identity import Identity
from tools.mcp.declared import Server
from tools.mcp.faults import unavailable

_PLAIN = " !#$&'()*+,-./:;<=>?@[]^_`{|}~"
"""With letters and digits what stands as it is; all else is percent-encoded, so that no header can be broken out of."""


def whose(server: Server, identity: Identity) -> tuple[str, ...]:
    """What tells one asker's session from another's; nothing where all share one."""
    if not server.as_user and not server.signs_in:
        return ()
    return identity.tenant, identity.principal, *sorted(identity.groups)


def environment(name: str, server: Server, identity: Identity) -> dict[str, str]:
    """Variables of the process. Raises KairosError server_unavailable."""
    return {**{one: _value(name, one) for one in server.env}, **_of(server, identity)}


def headers(name: str, server: Server, identity: Identity) -> dict[str, str]:
    """Headers of every request; bodies come as they are. Raises KairosError server_unavailable."""
    found = {header: _value(name, variable) for header, variable in server.headers.items()}
    if server.bearer:
        found["Authorization"] = f"Bearer {_value(name, server.bearer)}"
    return {"Accept-Encoding": "identity", **found, **_of(server, identity)}


def credentials(name: str, server: Server) -> tuple[str | None, str | None]:
    """Id and secret of OAuth, as far as they are declared. Raises KairosError server_unavailable."""
    assert server.oauth is not None  # noqa: S101 - the caller looked
    client, secret = server.oauth.client_id, server.oauth.client_secret
    return _value(name, client) if client else None, _value(name, secret) if secret else None


def _value(server: str, variable: str) -> str:
    found = os.environ.get(variable)
    if not found or not found.isprintable():
        raise unavailable(server, f"needs the environment variable {variable}, which is not set")
    return found


def _of(server: Server, identity: Identity) -> dict[str, str]:
    fields: Mapping[str, str] = {
        "tenant": quote(identity.tenant, safe=_PLAIN),
        "principal": quote(identity.principal, safe=_PLAIN),
        "groups": ",".join(quote(group, safe="") for group in identity.groups),
    }
    return {name: template.format(**fields) for name, template in server.as_user.items()}
