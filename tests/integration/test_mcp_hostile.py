"""Servers that hang, die, flood and lie: each call ends in time, with a sentence, and nothing else is harmed."""

import asyncio
import os
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from state.agent import Question
from state.errors import KairosError
from state.identity import Identity
from tests.fixtures.mcp_hostile import HostileHttp
from tests.fixtures.mcp_served import called, hostile, text
from tools.mcp import pool
from tools.mcp.declared import Server
from tools.mcp.elicitation import AskedBackError, answered_with
from tools.mcp.pool import Reached

ANN, ANN_KEY = Identity("acme", "ann"), uuid4()


@pytest.fixture(autouse=True)
async def _closed() -> AsyncIterator[None]:
    yield
    await pool.close_sessions()


@pytest.fixture
def http() -> Iterator[HostileHttp]:
    with HostileHttp() as server:
        yield server


@pytest.fixture(params=["stdio", "http"])
def server(request: pytest.FixtureRequest, http: HostileHttp) -> Server:
    return hostile() if request.param == "stdio" else Server(url=http.url, seconds=1.5)


async def _code(server: Server, tool: str, **more: Any) -> str:
    with pytest.raises(KairosError) as caught:
        await called(server, tool, **more)
    assert "Traceback" not in caught.value.sentence
    return caught.value.code


def _children() -> list[int]:
    """Processes of this one that run a fixture."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            status, command = (folder / "stat").read_text(), (folder / "cmdline").read_text()
        except (OSError, ValueError):
            continue
        if "mcp_hostile" in command and int(status.rpartition(")")[2].split()[1]) == os.getpid():
            found.append(int(folder.name))
    return found


async def test_one_that_hangs_is_given_up_and_told(server: Server) -> None:
    began = time.monotonic()
    assert await _code(server, "hang") == "tool_timeout"
    assert time.monotonic() - began < 10
    assert text(await called(server, "fine")) == "Fine."


async def test_one_that_dies_is_started_again(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSTILE_FILE", str(tmp_path / "effects"))
    again = server.model_copy(update={"env": ("HOSTILE_FILE",)}) if server.command else server
    assert await _code(again, "die") == "tool_disconnected"
    assert text(await called(again, "fine")) == "Fine."


async def test_only_what_is_idempotent_is_called_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "effects"
    monkeypatch.setenv("HOSTILE_FILE", str(file))
    once = hostile(env=("HOSTILE_FILE",))
    assert await _code(once, "die_once") == "tool_disconnected"
    assert file.read_text() == "effect\n"
    file.unlink()
    twice = hostile(env=("HOSTILE_FILE",), idempotent=("die_*",))
    assert text(await called(twice, "die_once")) == "At last."
    assert file.read_text() == "effect\n" * 2


async def test_a_flood_ends_the_call(server: Server) -> None:
    assert await _code(server, "flood") in ("tool_disconnected", "tool_timeout")
    assert text(await called(server, "fine")) == "Fine."


async def test_fifty_megabytes_are_not_taken(server: Server) -> None:
    import resource

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert await _code(server, "large") in ("tool_disconnected", "tool_timeout")
    if server.command:  # over HTTP the server is in this process
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 60_000
    assert text(await called(server, "fine")) == "Fine."


async def test_over_http_one_fault_harms_no_other_call(http: HostileHttp) -> None:
    server = Server(url=http.url, seconds=3)
    await called(server, "fine")
    tools = ["fine", "die", "fine", "large", "fine", "garbage", "fine", "flood", "fine", "odd"] * 2
    found = await asyncio.gather(*(called(server, tool) for tool in tools), return_exceptions=True)
    for tool, one in zip(tools, found, strict=True):
        assert isinstance(one, KairosError) != (tool == "fine"), (tool, one)
    assert len(http.sessions) == 1


async def test_what_is_no_json_is_no_answer(server: Server) -> None:
    code = await _code(server, "garbage")
    assert code == ("tool_timeout" if server.command else "tool_disconnected")
    assert text(await called(server, "fine")) == "Fine."


async def test_what_is_no_result_is_no_answer(server: Server) -> None:
    assert await _code(server, "odd") == "tool_disconnected"


async def test_noise_before_the_first_message_is_passed_over() -> None:
    assert text(await called(hostile("garbage"), "fine")) == "Fine."


async def test_a_slow_start_is_waited_for_once() -> None:
    slow = hostile("slow", seconds=20, open_seconds=20)
    found = await asyncio.gather(*(called(slow, "fine") for _ in range(20)))
    assert {text(one) for one in found} == {"Fine."}
    assert len(_children()) == 1


async def test_a_silent_one_is_unavailable_and_leaves_nothing() -> None:
    silent = hostile("silent", open_seconds=0.5)
    assert await _code(silent, "fine") == "server_unavailable"
    for _ in range(200):
        if not _children():
            break
        await asyncio.sleep(0.01)
    assert not _children()


async def test_after_several_failures_it_is_left_alone() -> None:
    gone = Server(url="http://127.0.0.1:9/mcp")
    for _ in range(5):
        assert await _code(gone, "fine") == "server_unavailable"
    with pytest.raises(KairosError, match="left alone"):
        await called(gone, "fine")


async def test_one_that_does_not_exist_cannot_be_started() -> None:
    with pytest.raises(KairosError, match="cannot be started"):
        await called(Server(command="/nonexistent/server"), "fine")


@pytest.mark.slow
async def test_a_stubborn_process_is_ended() -> None:
    stubborn = hostile("stubborn")
    await called(stubborn, "fine")
    assert len(_children()) == 1
    await pool.close_sessions()
    assert not _children()


async def test_a_cancelled_call_is_cancelled_there(http: HostileHttp) -> None:
    server = Server(url=http.url)
    await called(server, "fine")
    task = asyncio.create_task(called(server, "hang"))
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    for _ in range(400):
        if http.hostile.cancelled:
            break
        await asyncio.sleep(0.01)
    assert len(http.hostile.cancelled) == 1


@pytest.mark.parametrize(
    ("status", "headers", "code"),
    [
        (401, {}, "server_refused"),
        (403, {}, "server_refused"),
        (429, {}, "server_unavailable"),
        (500, {}, "tool_disconnected"),
        (302, {"location": "http://127.0.0.1:9/elsewhere"}, "tool_failed"),
        (200, {"content-encoding": "gzip"}, "tool_disconnected"),
    ],
)
async def test_a_status_says_whether_it_was_done(
    http: HostileHttp, status: int, headers: dict[str, str], code: str
) -> None:
    http.status, http.more_headers = status, headers
    assert await _code(Server(url=http.url), "fine") == code


async def test_a_forgotten_session_is_opened_anew(http: HostileHttp) -> None:
    server = Server(url=http.url)
    await called(server, "fine")
    http.sessions.clear()
    found = await asyncio.gather(*(called(server, "fine") for _ in range(10)))
    assert {text(one) for one in found} == {"Fine."}
    assert len(http.sessions) == 1


@pytest.mark.parametrize("start", ["", "modern"])
async def test_a_question_goes_back_to_the_caller_where_it_may_be_asked(start: str) -> None:
    with pytest.raises(AskedBackError, match=r"it asks: Which day\?") as caught:
        await called(hostile(start, elicitation=True), "asks")
    question = caught.value.question
    assert list(question["form"]["properties"]) == ["day"]
    with answered_with([Question({**question, "answer": {"day": "Monday"}})]):
        assert "Monday" in text(await called(hostile(start, elicitation=True), "asks"))
    with pytest.raises(AskedBackError):
        await called(hostile(start, elicitation=True), "asks")
    if start:
        assert await _code(hostile(start), "asks") == "tool_failed"
    else:
        assert (await called(hostile(start), "asks"))["isError"]


@pytest.mark.parametrize("start", ["", "modern"])
@pytest.mark.parametrize("name", ["asks_secret", "asks_nothing", "asks_elsewhere"])
async def test_what_nobody_should_be_asked_is_refused(start: str, name: str) -> None:
    server = hostile(start, elicitation=True)
    if start:
        assert await _code(server, name) == "tool_failed"
    else:
        assert (await called(server, name))["isError"]


async def test_a_site_to_go_to_is_shown_and_then_accepted() -> None:
    with pytest.raises(AskedBackError) as caught:
        await called(hostile("modern", elicitation=True), "asks_site")
    assert caught.value.question["url"] == "https://sign.example/1"
    with answered_with([Question({**caught.value.question, "answer": {}})]):
        assert "accept" in text(await called(hostile("modern", elicitation=True), "asks_site"))


@pytest.mark.parametrize("start", ["", "modern"])
async def test_our_model_answers_only_whom_it_may(start: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    async def sampled(identity: Identity, *given: Any) -> tuple[str, str]:
        asked.append((identity, *given))
        return "Hello.", "scripted"

    from tools.mcp import asking_back

    monkeypatch.setattr(asking_back, "sampled", sampled)
    if start:
        assert await _code(hostile(start), "samples") == "tool_failed"
    else:
        assert (await called(hostile(start), "samples"))["isError"]
    assert not asked
    assert "Hello." in text(await called(hostile(start, sampling=True), "samples"))
    assert asked == [(ANN, "sample", None, [("user", "Say hello.")], 50)]


async def test_a_changed_list_is_read_again() -> None:
    reached = Reached("sample", hostile(), ANN)
    before = await pool.declarations(reached)
    assert await pool.declarations(reached) is before
    await pool.call(reached, "mutate", {}, ANN_KEY)
    for _ in range(100):
        after = await pool.declarations(reached)
        if after is not before:
            break
        await asyncio.sleep(0.01)
    assert {one.name for one in after} - {one.name for one in before} == {"added"}
