"""A person signs in at a server: they are sent to it, come back with a code, and the code is changed for tokens.

Who comes back must be who went, with the state that went along, once, within ten minutes (docs/adr/0039).
"""

import asyncio
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from state.errors import KairosError
from state.identity import Identity
from state.postgres import tool_sign_ins
from state.postgres.tool_sign_ins import Place
from state.sealing import sealer
from tools.builtin.settings import chosen
from tools.mcp import faults
from tools.mcp.declared import Server

SECONDS = 60.0
"""For all that is asked of a server and its authorization server at once."""


async def begin(identity: Identity, name: str, redirect_uri: str) -> str:
    """The address to go to. Raises KairosError server_unknown, sign_in_failed, or as `sealer` does."""
    server = await _declared(identity, name)
    await sealer()  # before anything is registered
    address, state, value = await _within(
        name, (await _library()).sign_in_begun(name, server, identity, redirect_uri)
    )
    await tool_sign_ins.begin(_place(identity, name, server), state, value)
    return str(address)


async def come_back(identity: Identity, given: Mapping[str, str]) -> str:
    """Take the parameters with which the browser came back; as `finish`. Raises KairosError sign_in_declined, too."""
    if "code" not in given:
        raise faults.sign_in_declined()
    return await finish(identity, given.get("state", ""), given["code"], given.get("iss"))


async def finish(identity: Identity, state: str, code: str, issuer: str | None) -> str:
    """Take what the browser came back with; the name of the server. Raises KairosError sign_in_unknown, sign_in_failed.

    issuer: who says that it sent the browser back (RFC 9207), None if nobody does.
    """
    found = await tool_sign_ins.take(identity, state)
    if found is None:
        raise KairosError(
            "sign_in_unknown", "You did not begin to sign in like this, or too long ago; begin again."
        )
    place, value = found
    server = await _declared(identity, place.server)
    if place != _place(identity, place.server, server):
        raise KairosError("sign_in_unknown", f"The server {place.server} has moved since; begin again.")
    library = await _library()
    kept = await _within(
        place.server, library.sign_in_finished(place.server, server, identity, value, code, issuer)
    )
    await tool_sign_ins.keep(place, kept)
    return place.server


async def signed_in(identity: Identity) -> list[dict[str, Any]]:
    """The servers at which people sign in, as far as they are there for this one: server, signed_in, since (UTC)."""
    declared = (await chosen.ready()).settings.servers
    theirs = [(name, str(one.url)) for name, one in declared.items() if one.signs_in and one.serves(identity)]
    if not theirs:
        return []
    since = {
        (row["server"], row["url"]): row["created_at"] for row in await tool_sign_ins.everything(identity)
    }
    return [
        {"server": name, "signed_in": (name, url) in since, "since": since.get((name, url))}
        for name, url in theirs
    ]


async def _declared(identity: Identity, name: str) -> Server:
    server = (await chosen.ready()).settings.servers.get(name)
    if server is None or not server.signs_in or not server.serves(identity):
        raise KairosError("server_unknown", "There is no such server at which you could sign in.")
    return server


def _place(identity: Identity, name: str, server: Server) -> Place:
    return Place(identity, name, str(server.url))


async def _library() -> Any:
    return await asyncio.to_thread(import_module, "tools.mcp.authorizing")  # which takes a second


async def _within(name: str, work: Any) -> Any:
    try:
        async with asyncio.timeout(SECONDS):
            return await work
    except TimeoutError:
        raise faults.sign_in_failed(name, "it does not answer") from None
