"""Tools of a well-behaved server over stdio and streamable HTTP, with and without a session of the server's."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import uuid4

import pytest

from state.errors import KairosError
from state.identity import Identity
from tests.fixtures.mcp_served import called, hostile, sample, sample_http
from tools.mcp import pool
from tools.mcp.declared import Server
from tools.mcp.pool import Reached
from tools.mcp.progress import told_to
from tools.mcp.results import result_of

ANN, BOB = Identity("acme", "ann", ("hr",)), Identity("acme", "bob\r\nX-Key: stolen")


@pytest.fixture(scope="module")
def urls() -> Iterator[dict[str, str]]:
    with sample_http() as stateless, sample_http("stateful") as stateful:
        yield {"http": stateless, "stateful": stateful}


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await pool.close_sessions()


@pytest.fixture(params=["stdio", "http", "stateful"])
def server(request: pytest.FixtureRequest, urls: dict[str, str]) -> Server:
    return sample() if request.param == "stdio" else Server(url=urls[request.param], trusted=True)


async def test_a_tool_is_listed_and_called(server: Server) -> None:
    (add,) = [one for one in await pool.declarations(Reached("sample", server, ANN)) if one.name == "add"]
    assert add.description == "Add two whole numbers."
    assert add.annotations == {"readOnlyHint": True}
    assert add.parameters["properties"]["b"]["maximum"] == 1000
    assert add.output is not None
    assert (await called(server, "add", {"a": 2, "b": 3}))["structuredContent"] == {"total": 5}


async def test_fifty_calls_side_by_side_share_one_session(server: Server) -> None:
    found = await asyncio.gather(*(called(server, "add", {"a": n, "b": 1}) for n in range(50)))
    assert [one["structuredContent"]["total"] for one in found] == list(range(1, 51))
    pids = {(await called(server, "who"))["structuredContent"]["pid"] for _ in range(3)}
    assert len(pids) == 1


async def test_progress_is_told_in_numbers(server: Server) -> None:
    told: list[Any] = []
    with told_to(told.append):
        await called(server, "wait", {"seconds": 0.8})
    assert len(told) >= 3
    assert all(set(one) == {"progress", "total"} for one in told)


async def test_a_cancelled_call_ends_there_too(server: Server) -> None:
    before = (await called(server, "noted"))["structuredContent"]["result"].count("cancelled")
    task = asyncio.create_task(called(server, "wait", {"seconds": 30}))
    await asyncio.sleep(0.5)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(200):
        if (await called(server, "noted"))["structuredContent"]["result"].count("cancelled") > before:
            break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the server was never told")


async def test_the_key_goes_with_the_call(server: Server) -> None:
    key = uuid4()
    await called(server, "note", {"text": "a"}, key=key)
    assert (await called(server, "outcome", {"idempotency_key": str(key)}))["structuredContent"]["found"]
    other = await called(server, "outcome", {"idempotency_key": str(uuid4())})
    assert not other["structuredContent"]["found"]


async def test_pictures_and_files_are_references(server: Server) -> None:
    result = result_of(await called(server, "things"), {}, 1000)
    assert result.text.splitlines() == [
        "Here:",
        "[image image/png, 300 bytes]",
        "[resource plan: file:///plan.txt]",
        "[resource file:///a.txt]",
        "Inside.",
        "[resource file:///b.bin, 300 bytes]",
    ]


async def test_what_a_tool_says_of_its_failure_is_its_result(server: Server) -> None:
    assert result_of(await called(server, "fails"), {}, 1000).is_error


async def test_a_changed_description_is_heard_of(server: Server) -> None:
    reached = Reached("sample", server, ANN)
    await pool.declarations(reached)
    said = f"Now {uuid4()}."
    await called(server, "become", {"description": said})
    for _ in range(200):
        if said in {one.description for one in await pool.declarations(reached)}:
            return
        await asyncio.sleep(0.02)
    pytest.fail("the change was never heard of")


@pytest.mark.parametrize("kind", ["http", "stateful"])
async def test_each_asker_has_a_session_and_a_header(
    kind: str, urls: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAMPLE_TOKEN", "t0ken")
    monkeypatch.setenv("SAMPLE_KEY", "k3y")
    template = {"X-Asker": "{tenant}/{principal} ({groups})"}
    server = Server(url=urls[kind], as_user=template, bearer="SAMPLE_TOKEN", headers={"X-Key": "SAMPLE_KEY"})
    seen = [(await called(server, "who", by=one))["structuredContent"] for one in (ANN, BOB, ANN)]
    assert [one["x-asker"] for one in seen] == [
        "acme/ann (hr)",
        "acme/bob%0D%0AX-Key: stolen ()",
        "acme/ann (hr)",
    ]
    assert {(one["authorization"], one["x-key"]) for one in seen} == {("Bearer t0ken", "k3y")}


async def test_each_asker_has_a_process_and_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAMPLE_SECRET", "s3cret")
    monkeypatch.setenv("UNSAID", "never passed on")
    server = sample(as_user={"SAMPLE_ASKER": "{principal}"}, env=("SAMPLE_SECRET",))
    seen = [
        (await called(server, "who", by=one))["structuredContent"]
        for one in (ANN, Identity("acme", "cy"), ANN)
    ]
    assert [(one["variable"], one["secret"]) for one in seen] == [
        ("ann", "s3cret"),
        ("cy", "s3cret"),
        ("ann", "s3cret"),
    ]
    assert seen[0]["pid"] == seen[2]["pid"] != seen[1]["pid"]


async def test_a_missing_variable_is_said_by_name_only() -> None:
    with pytest.raises(KairosError, match="SAMPLE_MISSING") as caught:
        await called(sample(env=("SAMPLE_MISSING",)), "who")
    assert caught.value.code == "server_unavailable"


async def test_an_unused_session_is_closed_and_opened_again() -> None:
    server = sample(idle_seconds=0.2)
    first = (await called(server, "who"))["structuredContent"]["pid"]
    await asyncio.sleep(0.6)
    assert (await called(server, "who"))["structuredContent"]["pid"] != first


async def test_of_too_many_sessions_the_oldest_idle_one_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "MOST_SESSIONS", 2)
    server = hostile(as_user={"WHO": "{principal}"})
    people = [Identity("acme", name) for name in ("ann", "bob", "cy")]
    for one in (*people[:2], people[0], people[2]):  # bob's is the oldest
        await called(server, "fine", by=one)
    opened = list(pool._pool().sessions.items())
    assert {key[3]: session.dead for key, session in opened} == {"ann": False, "bob": True, "cy": False}
    busy = [asyncio.create_task(called(server, "hang", by=one)) for one in (people[0], people[2])]
    await asyncio.sleep(0.2)
    with pytest.raises(KairosError, match="room"):
        await called(server, "fine", by=people[1])
    await asyncio.gather(*busy, return_exceptions=True)


async def test_a_loop_that_ends_takes_its_servers_along() -> None:
    def other() -> int:
        async def once() -> int:
            return int((await called(sample(), "who"))["structuredContent"]["pid"])

        return asyncio.run(once())

    pid = await asyncio.to_thread(other)
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
