"""Oversight over HTTP: who sees and changes what is stopped, who goes on with tasks that went wrong."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml
from starlette.authentication import AuthCredentials, AuthenticationBackend
from starlette.middleware.authentication import AuthenticationMiddleware
from starlette.requests import HTTPConnection
from starlette.routing import Mount

import app.http
from app.acting import followed
from app.auth import authenticate
from app.users import users
from graphs.agent import build
from state.identity import Identity
from state.postgres import agent_runs, guard_verdicts
from state.postgres.pool import Pool, admin
from state.settings import settings
from tests.fixtures.gateway import tenant
from tests.fixtures.guard import verdict
from tests.fixtures.loopback import serving
from tools.acting.toolbox import toolbox


class Server(AuthenticationBackend):
    """Who asks, as on the server."""

    async def authenticate(self, conn: HTTPConnection) -> tuple[AuthCredentials, Any]:
        headers = dict(conn.scope["headers"])
        return AuthCredentials(), await authenticate(
            conn.headers.get("authorization"), headers, dict(conn.scope)
        )


@pytest.fixture
async def url(pool: Pool) -> AsyncIterator[str]:
    async with serving([Mount("/", AuthenticationMiddleware(app.http.app, backend=Server()))]) as address:
        yield address


@pytest.fixture
def people(us: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Identity]]:
    """Ann and Bob ask, Olga operates; Eve operates another tenant."""
    known = {
        "ann": us,
        "bob": Identity(us.tenant, "bob", ("staff",)),
        "olga": Identity(us.tenant, "olga", ("ops",)),
        "eve": Identity(tenant().tenant, "eve", ("ops",)),
    }
    entries = [
        {
            "token_sha256": hashlib.sha256(name.encode()).hexdigest(),
            "tenant": one.tenant,
            "principal": one.principal,
            "groups": list(one.groups),
        }
        for name, one in known.items()
    ]
    (tmp_path / "users.yaml").write_text(yaml.safe_dump(entries))
    monkeypatch.setenv("KAIROS_USERS", str(tmp_path / "users.yaml"))
    monkeypatch.setenv("KAIROS_OPERATORS", '["ops"]')
    _forget_settings()
    yield known
    monkeypatch.undo()
    _forget_settings()


async def ask(url: str, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """The status, and what it says: its code where it refuses."""
    headers = {"Authorization": f"Bearer {who}"} if who else {}
    async with httpx.AsyncClient() as client:
        answer = await client.request(method, f"{url}{path}", headers=headers, json=body)
    said = answer.json()
    if answer.status_code != 422 and "error" in said:
        assert said["error"]["sentence"].endswith(".")
        return answer.status_code, said["error"]["code"]
    return answer.status_code, said


async def thrown(url: str, who: str) -> list[tuple[str, str, str, str]]:
    _, said = await ask(url, who, "GET", "/kairos/switches")
    return [tuple(one[key] for key in ("kind", "name", "reason", "principal")) for one in said["switches"]]


async def dead(url: str, who: str) -> list[str]:
    return [one["thread_id"] for one in (await ask(url, who, "GET", "/kairos/tasks"))[1]["tasks"]]


async def resume(url: str, who: str, thread: str) -> tuple[int, Any]:
    return await ask(url, who, "POST", f"/kairos/tasks/{thread}/resume")


async def test_operators_stop_and_release_and_everybody_of_the_tenant_sees_it(
    url: str, people: dict[str, Identity]
) -> None:
    tool, all_acting = "/kairos/switches/tool/desk.send_mail", "/kairos/switches/tenant"
    why = {"reason": " It sends twice. "}
    for path in (tool, all_acting):
        for call in (("PUT", path, why), ("DELETE", path)):
            assert await ask(url, "bob", *call) == (403, "operator_needed")
    named = {"kind": "tool", "name": "desk.send_mail"}
    assert await ask(url, "olga", "PUT", tool, why) == (200, {**named, "state": "stopped"})
    assert (await ask(url, "olga", "PUT", all_acting, {"reason": "All stop."}))[0] == 200
    tenant_name = people["ann"].tenant
    both = [
        ("tool", "desk.send_mail", "It sends twice.", "olga"),
        ("tenant", tenant_name, "All stop.", "olga"),
    ]
    assert await thrown(url, "ann") == await thrown(url, "olga") == both
    assert await thrown(url, "eve") == []
    assert await ask(url, "eve", "DELETE", tool) == (404, "switch_unknown")
    assert await ask(url, "olga", "DELETE", tool) == (200, {**named, "state": "released"})
    assert (await ask(url, "olga", "DELETE", all_acting))[0] == 200
    assert await ask(url, "olga", "DELETE", all_acting) == (404, "switch_unknown")
    assert await thrown(url, "ann") == []
    for who, operates in (("ann", False), ("olga", True)):
        assert (await ask(url, who, "GET", "/kairos/switches"))[1]["operator"] is operates


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("tool/a", {}),
        ("tool/a", {"reason": "  "}),
        ("tool/a", {"reason": "x" * 501}),
        ("tool/a", {"reason": "a\x00b"}),
        ("tool/a", {"reason": "a\nb"}),
        ("tool/a", {"reason": "why", "tenant": "other"}),
        ("tool/a%20b", {"reason": "why"}),
        ("run/a", {"reason": "why"}),
        ("tenant/other", {"reason": "why"}),
        ("tenant", {"reason": ""}),
    ],
)
async def test_what_is_no_switch_is_not_taken(
    url: str, people: dict[str, Identity], path: str, body: Any
) -> None:
    assert (await ask(url, "olga", "PUT", f"/kairos/switches/{path}", body))[0] == 422
    assert await thrown(url, "olga") == []


async def test_where_nobody_is_named_nobody_operates_but_the_person_at_this_machine(
    url: str, people: dict[str, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, why = f"/kairos/switches/agent/a-{uuid4().hex}", {"reason": "why"}
    monkeypatch.delenv("KAIROS_OPERATORS")
    _forget_settings()
    for who in ("ann", "bob", "olga"):
        assert await ask(url, who, "PUT", path, why) == (403, "operator_needed")
    monkeypatch.delenv("KAIROS_USERS")
    _forget_settings()
    assert (await ask(url, "", "PUT", path, why))[0] == 200
    assert (await ask(url, "", "DELETE", path))[0] == 200


async def test_a_task_that_went_wrong_goes_on_as_its_asker(
    url: str, people: dict[str, Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, thread = people["ann"], str(uuid4())

    async def gone(*_: Any) -> Any:
        raise RuntimeError("The tools are gone.")

    monkeypatch.setattr("nodes.execute_calls.toolbox", gone)
    with pytest.raises(RuntimeError):
        await followed(build(), {"question": "What is 17 % of 340?"}, ann, thread)
    assert await dead(url, "ann") == await dead(url, "olga") == [thread]
    assert await dead(url, "bob") == await dead(url, "eve") == []
    for stranger in ("bob", "eve"):
        assert await resume(url, stranger, thread) == (404, "thread_unknown")
    acted_as: list[Identity] = []

    async def seen(rules: Any, identity: Identity) -> Any:
        acted_as.append(identity)
        return await toolbox(rules, identity)

    monkeypatch.setattr("nodes.execute_calls.toolbox", seen)
    answers = await asyncio.gather(*(resume(url, "olga", thread) for _ in range(4)))
    assert sorted(status for status, _ in answers) == [202, 409, 409, 409]
    await _until(ann, thread, "done")
    assert [(one.tenant, one.principal) for one in acted_as] == [(ann.tenant, ann.principal)]
    assert await resume(url, "ann", thread) == (409, "run_ended")
    assert await dead(url, "olga") == []


async def test_runs_that_are_under_way_or_stopped_by_their_asker_are_left_alone(
    url: str, people: dict[str, Identity]
) -> None:
    ann, thread = people["ann"], str(uuid4())
    await agent_runs.begin(ann, thread, "assistant", "agent")
    for who in ("ann", "olga"):
        assert await resume(url, who, thread) == (409, "run_under_way")
    await agent_runs.stop(ann, thread)
    assert await resume(url, "olga", thread) == (409, "run_ended")
    assert (await resume(url, "ann", thread))[0] == 202
    await _until(ann, thread, "failed")  # there is no checkpoint to go on from
    async with admin() as connection:
        await connection.execute(
            "UPDATE agent_runs SET status = 'running', updated_at = now() - interval '1 hour' WHERE thread_id = %s",
            (thread,),
        )
    assert await dead(url, "olga") == [thread]
    assert await resume(url, "eve", thread) == (404, "thread_unknown")
    assert (await resume(url, "ann", "a%00b"))[0] == 422
    assert (await resume(url, "olga", thread))[0] == 202
    await _until(ann, thread, "failed")


async def test_the_checks_that_acted_can_be_reported(url: str, people: dict[str, Identity]) -> None:
    found = [
        verdict("b", action="redact"),
        verdict("a"),
        verdict("c", action="flag"),
        verdict("d", dry_run=True),
    ]
    await guard_verdicts.add(people["ann"], "t1", found)
    assert await ask(url, "ann", "GET", "/guard/reports/t1") == (200, {"checks": ["a", "b"]})
    for stranger in ("bob", "olga", "eve"):
        assert await ask(url, stranger, "GET", "/guard/reports/t1") == (200, {"checks": []})
    assert (await ask(url, "ann", "POST", "/guard/reports", {"trace_id": "t1", "check": "a"}))[0] == 200


async def _until(identity: Identity, thread: str, status: str) -> None:
    for _ in range(300):
        if (await agent_runs.of_asker(identity, thread))["status"] == status:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"it was not {status} within 30 s")


def _forget_settings() -> None:
    settings.cache_clear()
    users.cache_clear()
