"""Validated objects from scripted deployments, each asked in its own way."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from blockbuster import blockbuster_ctx
from langchain_core.messages import HumanMessage
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from state.assistant import Usage
from state.caller import Caller
from state.errors import KairosError
from state.identity import Identity
from state.postgres import budgets
from state.postgres.pool import connection
from state.settings import settings
from tests.fixtures.gateway import deployment
from tests.fixtures.guarding import policy_of, put_in_force
from tests.fixtures.loopback import serving
from tests.fixtures.model_server import ModelServer, Reply
from tools.models.catalog import catalog
from tools.models.opened import close_door, door
from tools.models.structured import MOST_REPAIRS, Structured, structured
from tools.models.usage import added

Ask = Callable[..., Awaitable[Structured["Person"]]]


class Person(BaseModel):
    name: str = Field(min_length=1)
    age: int
    nick: str = ""


ANN = Person(name="Ann", age=3)
ANSWER = '{"name": "Ann", "age": 3}'
WRONG = '{"name": "Ann", "age": "three"}'
USED = {"prompt_tokens": 1000, "completion_tokens": 500}
QUESTION = "Who is it?"


@pytest.fixture
async def ask(
    pool: object, us: Identity, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ask]:
    """Ask for a person, with these deployments as the catalog."""

    async def asking(*models: dict[str, Any], preferred: str | None = None) -> Structured[Person]:
        path = tmp_path / "models.yaml"
        written = yaml.safe_dump({"models": list(models)})
        await asyncio.to_thread(path.write_text, written)
        monkeypatch.setenv("KAIROS_MODELS", str(path))
        settings.cache_clear()
        catalog.cache_clear()
        with blockbuster_ctx():
            by = Caller(us, "tests", "who")
            return await structured(
                Person, [HumanMessage(QUESTION)], "answer", by, preferred, prompt_hash="p1"
            )

    yield asking
    await close_door()
    monkeypatch.undo()
    settings.cache_clear()
    catalog.cache_clear()


async def rows(us: Identity) -> list[dict[str, Any]]:
    await (await door()).admission.flush()
    async with connection() as session:
        cursor = await session.execute(
            "SELECT * FROM calls WHERE tenant = %s ORDER BY created_at", (us.tenant,)
        )
        return await cursor.fetchall()


def completion(finish: str = "stop", **message: Any) -> Reply:
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": None} | message,
        "finish_reason": finish,
    }
    whole = {"id": "1", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
    return Reply(body=json.dumps(whole | {"usage": USED}).encode())


def called(arguments: str) -> Reply:
    call = {"id": "c1", "type": "function", "function": {"name": "Person", "arguments": arguments}}
    return completion("tool_calls", tool_calls=[call])


def used(input_tokens: int, output_tokens: int, cost: float) -> dict[str, Any]:
    return {"input_tokens": input_tokens, "output_tokens": output_tokens, "cost": pytest.approx(cost)}


def way(body: dict[str, Any]) -> str:
    """How a request that came in asks for the structure."""
    if "tools" in body:
        assert body["tool_choice"]["function"]["name"] == "Person"
        return "tools"
    if "response_format" not in body:
        return "prompt"
    return "json_schema" if body["response_format"]["json_schema"]["strict"] else "grammar"


@pytest.mark.parametrize(
    ("capabilities", "reply", "asked"),
    [
        (["json_schema", "tools"], Reply(ANSWER), "json_schema"),
        (["grammar", "json_schema", "tools"], Reply(ANSWER), "grammar"),
        (["tools"], called(ANSWER), "tools"),
        (["tools"], Reply(ANSWER), "tools"),
        ([], Reply(f"Here it is:\n```json\n{ANSWER}\n```"), "prompt"),
    ],
)
async def test_each_way(
    ask: Ask, first: ModelServer, capabilities: list[str], reply: Reply, asked: str
) -> None:
    first.script(reply)
    found = await ask(deployment("one", first, capabilities=capabilities))
    assert (found.value, found.model, found.attempts) == (ANN, "one", 1)
    (call,) = first.calls
    assert way(call.body) == asked
    assert call.body["messages"][0]["content"] == QUESTION


async def test_usage_and_cost_and_ledger(ask: Ask, us: Identity, first: ModelServer) -> None:
    first.script(Reply(ANSWER, usage=USED))
    found = await ask(deployment("one", first))
    spent = 1000 * 1e-6 + 500 * 2e-6
    assert found.usage == used(1000, 500, spent)
    total = added(Usage(input_tokens=1, output_tokens=1, cost=0.5), found.usage)
    assert total == used(1001, 501, 0.5 + spent)
    (row,) = await rows(us)
    assert (row["feature"], row["node"], row["prompt_hash"]) == ("tests", "who", "p1")
    assert (row["model"], row["deployment"], row["nano_usd"]) == ("answer", "one", 2_000_000)


async def test_an_unknown_price_leaves_the_cost_open(ask: Ask, first: ModelServer) -> None:
    found = await ask(deployment("one", first, input_price=None))
    assert found.usage["cost"] is None


@pytest.mark.parametrize(
    ("capabilities", "reply", "asked"), [(["tools"], called(ANSWER), "tools"), ([], Reply(ANSWER), "prompt")]
)
async def test_a_fallback_is_asked_in_its_own_way(
    ask: Ask,
    us: Identity,
    first: ModelServer,
    second: ModelServer,
    capabilities: list[str],
    reply: Reply,
    asked: str,
) -> None:
    first.script(Reply(status=401))
    second.script(reply)
    found = await ask(deployment("one", first), deployment("two", second, capabilities=capabilities))
    assert (found.value, found.model, found.attempts) == (ANN, "two", 2)
    assert [way(call.body) for call in first.calls] == ["json_schema"]
    assert [way(call.body) for call in second.calls] == [asked]
    assert len(await rows(us)) == 1


async def test_a_way_that_is_refused_is_followed_by_the_next(
    ask: Ask, us: Identity, first: ModelServer
) -> None:
    no = Reply("This response_format type is unavailable now", status=400)
    first.script(no, no, no, Reply(ANSWER))
    found = await ask(deployment("one", first, capabilities=["grammar", "json_schema", "tools"]))
    assert (found.value, found.attempts) == (ANN, 4)
    assert [way(call.body) for call in first.calls] == ["grammar", "json_schema", "tools", "prompt"]
    assert [row["status"] for row in await rows(us)] == ["failed", "failed", "failed", "ok"]


async def test_a_request_that_is_refused_whatever_the_way(ask: Ask, first: ModelServer) -> None:
    first.script(Reply("no", status=400))
    with pytest.raises(KairosError, match="refused the request as invalid") as failure:
        await ask(deployment("one", first))
    assert failure.value.code == "model_refused"
    assert [way(call.body) for call in first.calls] == ["json_schema", "tools", "prompt"]


@pytest.mark.parametrize(
    "wrong",
    [Reply(WRONG, usage=USED), called(WRONG), completion(content=""), completion("length", content=ANSWER)],
)
async def test_repair(ask: Ask, us: Identity, first: ModelServer, wrong: Reply) -> None:
    first.script(wrong, Reply(ANSWER, usage=USED))
    found = await ask(deployment("one", first, capabilities=["tools"]))
    assert (found.value, found.attempts) == (ANN, 2)
    assert found.usage == used(2000, 1000, 0.004)
    assert [row["nano_usd"] for row in await rows(us)] == [2_000_000, 2_000_000]


async def test_a_repair_shows_the_answer_and_what_is_wrong(ask: Ask, first: ModelServer) -> None:
    first.script(Reply(WRONG), Reply('{"name": "", "age": 3}'), Reply(ANSWER))
    assert (await ask(deployment("one", first, capabilities=[]))).value == ANN
    shown = [[message["content"] for message in call.body["messages"]] for call in first.calls]
    assert shown[1][:2] == [QUESTION, WRONG]
    assert "- age: Input should be a valid integer" in shown[1][2]
    assert shown[2][:2] == [QUESTION, '{"name": "", "age": 3}']
    assert "- name: String should have at least 1 character" in shown[2][2]
    assert [len(messages) for messages in shown] == [2, 4, 4]


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (WRONG, "age: Input should be a valid integer"),
        ('{"name": "Ann"}', "age: Field required"),
        ("I cannot help with that.", "the answer holds no JSON object"),
        (ANSWER[:-3], "the JSON is broken or cut off"),
        ('{"name": "Ann", "age": NaN}', "NaN is no JSON"),
        ("", "the answer is empty"),
    ],
)
async def test_what_is_never_mended_is_a_clear_error(
    ask: Ask, us: Identity, first: ModelServer, reply: str, says: str
) -> None:
    first.script(Reply(reply))
    with pytest.raises(KairosError) as failure:
        await ask(deployment("one", first))
    assert failure.value.code == "model_bad_answer"
    assert failure.value.sentence.startswith(f"The model 'one' gave no valid Person in 3 answers: {says}")
    assert len(first.calls) == len(await rows(us)) == 1 + MOST_REPAIRS


@pytest.mark.parametrize("reply", [completion(refusal="No."), completion("content_filter", content="{")])
async def test_who_declines_is_asked_once(ask: Ask, first: ModelServer, reply: Reply) -> None:
    first.script(reply)
    with pytest.raises(KairosError, match="'one' declined to answer") as failure:
        await ask(deployment("one", first))
    assert failure.value.code == "model_bad_answer"
    assert len(first.calls) == 1


async def test_a_budget_refuses_in_the_middle(ask: Ask, us: Identity, first: ModelServer) -> None:
    await budgets.put(us, "user", "ann", "total", 3_000_000)  # one call's upper bound, not two
    first.script(Reply(WRONG, usage=USED))
    with pytest.raises(KairosError) as failure:
        await ask(deployment("one", first))
    assert failure.value.code == "budget_exceeded"
    assert len(first.calls) == 1
    assert [row["status"] for row in await rows(us)] == ["ok", "refused"]


async def test_a_repair_may_come_from_another_deployment(
    ask: Ask, first: ModelServer, second: ModelServer
) -> None:
    first.script(Reply(WRONG), Reply(status=401))
    second.script(called(ANSWER))
    found = await ask(deployment("one", first), deployment("two", second, capabilities=["tools"]))
    assert (found.value, found.model, found.attempts) == (ANN, "two", 3)
    assert second.calls[0].body["messages"][1]["content"] == WRONG


async def test_a_budget_that_downgrades_asks_the_cheaper_one_in_its_way(
    ask: Ask, us: Identity, first: ModelServer, second: ModelServer
) -> None:
    await budgets.put(us, "user", "ann", "total", 5_000_000, "downgrade")
    second.script(called(ANSWER))
    dear = deployment("dear", first, input_price=10, output_price=20)
    found = await ask(dear, deployment("cheap", second, capabilities=["tools"]))
    assert (found.value, found.model) == (ANN, "cheap")
    assert not first.calls
    assert [way(call.body) for call in second.calls] == ["tools"]


async def test_a_model_by_name(ask: Ask, first: ModelServer, second: ModelServer) -> None:
    models = deployment("one", first), deployment("two", second)
    assert (await ask(*models, preferred="two")).model == "two"
    with pytest.raises(KairosError) as failure:
        await ask(*models, preferred="three")
    assert failure.value.code == "model_unknown"


async def test_quotes_are_no_object(ask: Ask) -> None:
    with pytest.raises(KairosError, match="only quotes; it cannot fill in Person") as failure:
        await ask({"name": "quotes", "provider": "extractive"})
    assert failure.value.code == "model_unavailable"


def _anthropic() -> bytes:
    """The events of a streamed answer that calls the tool."""
    usage = {"input_tokens": 10, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": message | {"stop_reason": None, "stop_sequence": None}},
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "tool_use", "id": "t1", "name": "Person", "input": {}},
        },
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "input_json_delta", "partial_json": ANSWER},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": usage | {"output_tokens": 7},
        },
        {"type": "message_stop"},
    ]
    return b"".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n".encode() for one in events)


async def test_another_protocol_is_made_to_call_the_tool(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    async def reply(request: Request) -> Response:
        asked.append(await request.json())
        return Response(_anthropic(), media_type="text/event-stream")

    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-very-secret")
    async with serving([Route("/{path:path}", reply, methods=["POST"])]) as url:
        found = await ask({"name": "claude", "provider": "anthropic", "model": "m", "base_url": url})
        await close_door()  # before the server, which waits for open connections
    assert (found.value, found.model) == (ANN, "claude")
    assert (found.usage["input_tokens"], found.usage["output_tokens"]) == (10, 7)
    assert {part: asked[0]["tool_choice"][part] for part in ("type", "name")} == {
        "type": "tool",
        "name": "Person",
    }
    assert asked[0]["tools"][0]["input_schema"]["required"] == ["name", "age"]


async def test_an_answer_that_the_guards_refuse_is_not_asked_for_again(
    ask: Ask, us: Identity, first: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = "ghp_x9K2mQ7vT4bN8cR1wZ5sL3jH6dF0gY2pA4eU"
    refuses = {
        "check": "secrets",
        "on": ["output"],
        "action": "refuse",
        "code": "key",
        "sentence": "No keys.",
    }
    put_in_force(monkeypatch, policy_of(refuses))
    for reply in (Reply(f'{{"name": "{key}", "age": 3}}'), called(f'{{"name": "{key}", "age": 3}}')):
        first.script(reply)
        with pytest.raises(KairosError, match="No keys"):
            await ask(deployment("one", first))
    assert len(first.calls) == 2
    assert [(row["status"], row["code"]) for row in await rows(us)] == [("ok", "content_filter")] * 2
