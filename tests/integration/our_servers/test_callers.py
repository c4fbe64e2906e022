"""Whose call it is: tokens, sessions, and this machine."""

import asyncio

import httpx
import pytest

from app.users import users
from state.identity import Identity
from state.postgres.pool import Pool
from state.settings import settings
from tests.fixtures.mcp_clients import serving


def _post(url: str, headers: dict[str, str], name: str = "knowledge") -> httpx.Response:
    params = {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "raw", "version": "1"},
    }
    accept = {"Accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    return httpx.post(f"{url}/mcp/{name}", json=body, headers={**accept, **headers}, timeout=10)


async def test_nobody_is_answered_without_a_token(url: str, people: dict[str, Identity]) -> None:
    ann = {"Authorization": f"Bearer {people['ann'].principal}"}
    for headers, status in (
        ({}, 401),
        ({"Authorization": "Bearer wrong"}, 401),
        ({"Authorization": f"Basic {people['ann'].principal}"}, 401),
        ({"Authorization": "Bearer kairos-0123456789"}, 401),
        ({**ann, "Origin": "https://evil.example"}, 403),
        ({**ann, "Origin": "null"}, 403),
        (ann, 200),
    ):
        answer = await asyncio.to_thread(_post, url, headers)
        assert answer.status_code == status, headers
        assert people["ann"].principal not in answer.text


async def test_a_session_answers_only_who_opened_it(url: str, people: dict[str, Identity]) -> None:
    opened = await asyncio.to_thread(_post, url, {"Authorization": f"Bearer {people['ann'].principal}"})
    session = {"mcp-session-id": opened.headers["mcp-session-id"]}
    for name, status in (("ann", 200), ("bob", 404), ("stranger", 404)):
        token = {"Authorization": f"Bearer {people[name].principal}"}
        answer = await asyncio.to_thread(_listed, url, {**session, **token})
        assert answer.status_code == status, name


def _listed(url: str, headers: dict[str, str]) -> httpx.Response:
    accept = {"Accept": "application/json, text/event-stream"}
    body = {"jsonrpc": "2.0", "id": 2, "method": "tools/list"}
    return httpx.post(f"{url}/mcp/knowledge", json=body, headers={**accept, **headers}, timeout=10)


async def test_without_users_only_this_machine_is_answered(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KAIROS_USERS", raising=False)
    settings.cache_clear()
    users.cache_clear()
    async with serving() as address:
        assert (await asyncio.to_thread(_post, address, {})).status_code == 200
        for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
            assert (await asyncio.to_thread(_post, address, headers)).status_code == 403
    settings.cache_clear()
    users.cache_clear()


# Turns, tasks and approvals.
