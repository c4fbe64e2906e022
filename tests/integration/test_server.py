"""The LangGraph server as clients see it: threads, streams, history, Studio's endpoints, MCP, and a crash."""

import asyncio
import hashlib
import json
import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient
from langgraph_sdk.errors import APIStatusError
from mcp import Client
from openai import AsyncOpenAI

from app.users import account
from state.identity import Identity
from state.postgres import api_keys, guard_verdicts
from tests.fixtures.guard import verdict
from tests.fixtures.model_server import ModelServer, Reply
from tests.fixtures.server import Served, served

PAGES = {
    "leave.md": "# Leave\n\nEvery employee of Brook & Vale has 27 days of paid leave a year.\n",
    "dogs.md": "# Dogs\n\nDogs are welcome in the Leeds office on Wednesdays.\n",
}
GRAPHS = ("assistant", "ingest")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, text in PAGES.items():
        (folder / name).write_text(text)
    return folder


@pytest.fixture(scope="module")
async def running(home: Path, pages: Path) -> AsyncIterator[Served]:
    roots = {"KAIROS_INGEST_ROOTS": json.dumps([str(pages)])}
    with served(home, roots) as server:
        given: dict[str, Any] = {"paths": [str(pages)]}
        async with get_client(url=server.url) as client:
            thread = await client.threads.create()
            done: Any = await client.runs.wait(thread["thread_id"], "ingest", input=given)
        assert done["report"]["failed"] == 0, done
        yield server


@pytest.fixture
async def client(running: Served) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=running.url) as opened:
        yield opened


async def ask(client: LangGraphClient, thread: str, question: str) -> dict[str, Any]:
    state = await client.runs.wait(thread, "assistant", input={"question": question})
    assert isinstance(state, dict)
    return state


async def test_a_turn_streams_tokens_and_ends_with_citations(client: LangGraphClient) -> None:
    thread = await client.threads.create()
    streamed, final = "", {}
    async for part in client.runs.stream(
        thread["thread_id"],
        "assistant",
        input={"question": "How many days of paid leave do I have?"},
        stream_mode=["messages-tuple", "values"],
    ):
        if part.event == "messages" and part.data[1]["langgraph_node"] == "generate":
            streamed += part.data[0]["content"]
        elif part.event == "values":
            final = part.data
    assert "27 days" in streamed
    assert final["answer"] == streamed
    assert final["verdict"]["supported"]
    assert any("27 days" in citation["quote"] for citation in final["citations"])
    citation = final["citations"][0]
    place = f"{client.http.client.base_url}/kairos/documents/{citation['document_id']}"
    source = httpx.get(place, params={"version": citation["version"]})
    assert source.json()["text"][citation["start"] : citation["end"]] == citation["quote"]
    assert httpx.get(place, params={"version": 99}).status_code == 404


async def test_history_is_listed_replayed_and_forked(client: LangGraphClient) -> None:
    thread = (await client.threads.create())["thread_id"]
    await ask(client, thread, "On which day are dogs welcome?")
    history = await client.threads.get_history(thread, limit=20)
    before = next(state for state in history if state["next"] == ["generate"])
    replayed = await client.runs.wait(thread, "assistant", input=None, checkpoint=before["checkpoint"])
    assert "Wednesdays" in replayed["answer"]  # type: ignore[call-overload]
    fork = await client.threads.update_state(
        thread, {"standalone": "How many days of paid leave?"}, checkpoint=before["checkpoint"]
    )
    assert fork["checkpoint"]["checkpoint_id"] != before["checkpoint"]["checkpoint_id"]
    forked = await client.runs.wait(thread, "assistant", input=None, checkpoint=fork["checkpoint"])
    assert isinstance(forked, dict)
    assert forked["answer"] != replayed["answer"]  # type: ignore[call-overload]
    assert len(await client.threads.get_history(thread, limit=50)) > len(history)


@pytest.mark.parametrize("mode", ["legacy", "auto"])
async def test_our_mcp_servers_answer_beside_it(running: Served, mode: str) -> None:
    async with Client(f"{running.url}/mcp/knowledge", mode=mode) as knowledge:
        listed: Any = (await knowledge.call_tool("list_documents", {})).structured_content
        assert {doc["document"] for doc in listed["documents"]} >= set(PAGES)
    async with Client(f"{running.url}/mcp/platform", mode=mode) as platform:
        asked = {"question": "How many days of paid leave do I have?"}
        answer: Any = (await platform.call_tool("ask", asked)).structured_content
        assert "27 days" in answer["answer"]
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        assert httpx.post(f"{running.url}/mcp/platform", json={}, headers=headers).status_code == 403


async def test_an_unknown_thread_is_not_found(client: LangGraphClient) -> None:
    with pytest.raises(httpx.HTTPStatusError, match="404"):
        await ask(client, str(uuid4()), "How many days of leave?")


async def test_a_bad_question_is_refused_with_code_and_sentence(client: LangGraphClient) -> None:
    thread = (await client.threads.create())["thread_id"]
    state = await ask(client, thread, "x" * 1_000_000)
    assert state["refusal"]["code"] == "question_too_long"
    assert state["answer"] == state["refusal"]["sentence"]


@pytest.mark.parametrize("graph", GRAPHS)
async def test_studio_finds_what_it_asks_for(client: LangGraphClient, graph: str) -> None:
    assert (await client.http.get("/info"))["version"]
    (assistant,) = await client.assistants.search(graph_id=graph)
    drawn = await client.assistants.get_graph(assistant["assistant_id"], xray=1)
    assert len(drawn["nodes"]) > 5
    schemas = await client.assistants.get_schemas(assistant["assistant_id"])
    assert schemas["input_schema"]
    assert schemas["output_schema"]
    assert schemas["state_schema"]


async def test_stateless_runs_end(client: LangGraphClient) -> None:
    runs = [client.runs.wait(None, "assistant", input={"question": "Hello"}) for _ in range(4)]
    states = await asyncio.wait_for(asyncio.gather(*runs), 30)
    assert {state["route"] for state in states} == {"small_talk"}  # type: ignore[call-overload]


async def test_files_outside_the_roots_are_refused(client: LangGraphClient) -> None:
    thread = (await client.threads.create())["thread_id"]
    given: dict[str, Any] = {"paths": ["/etc"]}
    with pytest.raises(Exception, match="KAIROS_INGEST_ROOTS"):
        await client.runs.wait(thread, "ingest", input=given)


async def test_an_mcp_client_asks_with_one_field(running: Served) -> None:
    from mcp import ClientSession
    from mcp.client.streamable_http import streamable_http_client

    async with (
        streamable_http_client(f"{running.url}/mcp") as streams,
        ClientSession(*streams[:2]) as session,
    ):
        await session.initialize()
        tools = {tool.name: tool for tool in (await session.list_tools()).tools}
        assert list(tools["assistant"].input_schema["properties"]) == ["question"]
        result = await session.call_tool("assistant", {"question": "How many days of paid leave do I have?"})
    assert "27 days" in str(result.content)


async def test_another_site_and_another_host_are_refused(running: Served) -> None:
    for headers in ({"Origin": "http://elsewhere.example"}, {"Host": "elsewhere.example"}):
        answer = httpx.post(f"{running.url}/threads", json={}, headers=headers)
        assert answer.status_code == 403
        assert httpx.get(f"{running.url}/kairos/documents/1", headers=headers).status_code == 403


async def test_an_asker_reports_a_false_alarm(running: Served, pool: object) -> None:
    check, second, trace, other = (f"c-{uuid4()}" for _ in range(4))
    await guard_verdicts.add(Identity("default", account()), trace, [verdict(check), verdict(second)])
    await guard_verdicts.add(Identity("default", "somebody else"), other, [verdict(check)])
    place = f"{running.url}/guard/reports"
    for _ in range(2):
        done = httpx.post(place, json={"trace_id": trace, "check": check})
        assert (done.status_code, done.json()) == (200, {"reported": True})
    for unknown in ({"trace_id": other, "check": check}, {"trace_id": trace, "check": "never"}):
        refused = httpx.post(place, json=unknown)
        assert (refused.status_code, refused.json()["error"]["code"]) == (404, "verdict_unknown")
    for bad in (
        {"trace_id": trace},
        {"trace_id": "a\x00", "check": check},
        {"trace_id": trace, "check": "x" * 999},
    ):
        assert httpx.post(place, json=bad).status_code == 422
    counts = {row["check"]: row for row in httpx.get(place, params={"days": 1}).json()["counts"]}
    assert (counts[check]["turns"], counts[check]["reports"], counts[second]["reports"]) == (2, 1, 0)
    assert httpx.post(place, json={}, headers={"Origin": "http://elsewhere.example"}).status_code == 403


@pytest.mark.parametrize("text", ["rules: 7\n", "name: default\nname: again\n"])
async def test_a_guard_policy_with_a_mistake_refuses_the_start(home: Path, tmp_path: Path, text: str) -> None:
    (tmp_path / "default.yaml").write_text(text)
    mistake = pytest.raises(AssertionError, match=r"default\.yaml, line \d")
    with mistake, served(home, {"KAIROS_GUARDS": str(tmp_path)}):
        pass


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    entries = [
        f"- {{token_sha256: {hashlib.sha256(name.encode()).hexdigest()}, tenant: default, principal: {name}}}"
        for name in ("ann", "bob")
    ]
    file = tmp_path_factory.mktemp("users") / "users.yaml"
    file.write_text("\n".join(entries))
    return file


async def test_a_virtual_key_opens_the_models_and_nothing_else(running: Served, pool: object) -> None:
    key = (await api_keys.create(Identity("default", "ann"), f"key-{uuid4().hex}", "ann")).secret
    async with AsyncOpenAI(base_url=f"{running.url}/v1", api_key=key, max_retries=0) as openai:
        assert [model.id async for model in openai.models.list()] == ["kairos/assistant"]
        asked: Any = [{"role": "user", "content": "How many days of paid leave do I have?"}]
        answer = await openai.chat.completions.create(model="kairos/assistant", messages=asked)
        assert "27 days" in (answer.choices[0].message.content or "")
        stream = await openai.chat.completions.create(model="kairos/assistant", messages=asked, stream=True)
        pieces = [piece.choices[0].delta.content or "" async for piece in stream]
        assert "".join(pieces) == answer.choices[0].message.content
    bearer = {"authorization": f"Bearer {key}"}
    for path in ("/threads/search", "/runs/wait", "/assistants/search"):
        assert httpx.post(f"{running.url}{path}", json={}, headers=bearer).status_code == 403
    wrong = {"authorization": f"Bearer {key[:-1]}{'a' if key[-1] != 'a' else 'b'}"}
    assert httpx.get(f"{running.url}/v1/models", headers=wrong).status_code == 401


async def test_a_killed_turn_goes_on_and_belongs_to_its_asker(home: Path, users: Path) -> None:
    """kill -9 while the model is asked; after a restart the turn ends from its last checkpoint."""
    with ModelServer(Reply(fault="hang")) as model:
        extra = {
            "KAIROS_USERS": str(users),
            "KAIROS_MODEL_URL": model.url,
            "KAIROS_MODEL_NAME": "scripted",
            "KAIROS_MODEL_KEY": "test",
        }
        with served(home, extra) as first:
            assert httpx.post(f"{first.url}/threads", json={}).status_code == 401
            async with _as(first, "ann") as ann:
                thread = (await ann.threads.create())["thread_id"]
                await ann.runs.create(thread, "assistant", input={"question": "How many days of paid leave?"})
                await _until(lambda: bool(model.calls))
                os.killpg(first.group, signal.SIGKILL)
        model.script(Reply("Every employee of Brook & Vale has 27 days of paid leave a year. [1]"))
        with served(home, extra) as second:
            async with _as(second, "ann") as ann, _as(second, "bob") as bob:
                await ann.threads.create(thread_id=thread, if_exists="do_nothing", graph_id="assistant")
                with pytest.raises(APIStatusError, match="not found"):
                    await bob.threads.get_state(thread)
                if (await ann.threads.get_state(thread))["next"]:
                    await ann.runs.wait(thread, "assistant", input=None, multitask_strategy="enqueue")
                final = (await ann.threads.get_state(thread))["values"]
        assert isinstance(final, dict)
        assert "27 days" in final["answer"]


def _as(server: Served, token: str) -> LangGraphClient:
    return get_client(url=server.url, headers={"Authorization": f"Bearer {token}"})


async def _until(happened: Callable[[], bool]) -> None:
    for _ in range(300):
        if happened():
            return
        await asyncio.sleep(0.1)
    raise AssertionError("it did not happen within 30 s")
