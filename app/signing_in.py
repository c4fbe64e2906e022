"""Signing in at tool servers over HTTP: where to go, who comes back, and where somebody is signed in."""

from typing import Any
from urllib.parse import urlsplit

from fastapi import Request
from fastapi.responses import PlainTextResponse

from app.users import identity_of, is_loopback
from state.errors import KairosError
from state.postgres import tool_sign_ins
from state.settings import settings
from tools.mcp import signing_in
from tools.mcp.declared import Name

CALLBACK = "/kairos/sign-ins/callback"
LONGEST = 4096


async def list_sign_ins(request: Request) -> dict[str, Any]:
    """The servers at which the asker could sign in, and whether they have."""
    return {"sign_ins": await signing_in.signed_in(identity_of(request.user))}


async def begin(server: Name, request: Request) -> dict[str, str]:
    """The address where the asker signs in; their browser must come back as the same asker."""
    return {"url": await signing_in.begin(identity_of(request.user), server, _callback(request))}


async def come_back(request: Request) -> PlainTextResponse:
    """Where the browser is sent back to. It counts only for the person who began, who is asked for as everywhere."""
    given = {key: value[:LONGEST] for key, value in request.query_params.items()}
    name = await signing_in.come_back(identity_of(request.user), given)
    headers = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    return PlainTextResponse(f"You are signed in at {name}. You may close this page.", headers=headers)


async def sign_out(server: Name, request: Request) -> dict[str, bool]:
    """Forget the asker's tokens of a server; `forgotten`: whether there were any."""
    return {"forgotten": await tool_sign_ins.forget(identity_of(request.user), server)}


def _callback(request: Request) -> str:
    """Never taken from the request of somebody far away, who may say any host."""
    public = settings().public_url
    if public is not None:
        return str(public).rstrip("/") + CALLBACK
    if not is_loopback(request.url.hostname):
        raise KairosError(
            "public_url_needed", "Set KAIROS_PUBLIC_URL to the address at which browsers reach this server."
        )
    return f"http://{urlsplit(str(request.url)).netloc}{CALLBACK}"
