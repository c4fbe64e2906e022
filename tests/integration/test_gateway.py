"""The drop-in endpoint, with the SDKs that people use."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from langchain_openai import ChatOpenAI
from openai import AsyncOpenAI

from state.identity import Identity
from state.postgres import api_keys, budgets, rate_limits
from state.postgres.pool import connection
from tests.fixtures.gateway import deployment, endpoint, key_of
from tests.fixtures.model_server import ModelServer, Reply
from tools.models.opened import door

ANSWER = "The notice period is four weeks from the end of the month."
ASKED: Any = [{"role": "user", "content": "How long is the notice period?"}]


@pytest.fixture
async def url(
    pool: object, first: ModelServer, second: ModelServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[str]:
    models = [
        deployment("first", first),
        deployment("second", second, input_price=10, output_price=20),
        deployment("unpriced", second, serves=[], input_price=None, output_price=None),
        deployment("vectors", first, capabilities=["embeddings"], serves=[], output_price=0),
    ]
    async with endpoint(models, tmp_path, monkeypatch) as address:
        yield address


@pytest.fixture
async def with_key(url: str) -> AsyncIterator[Callable[[str], AsyncOpenAI]]:
    made: list[AsyncOpenAI] = []

    def client_of(key: str) -> AsyncOpenAI:
        made.append(AsyncOpenAI(base_url=url, api_key=key, max_retries=0))
        return made[-1]

    yield client_of
    for client in made:
        await client.close()


@pytest.fixture
async def client(with_key: Callable[[str], AsyncOpenAI], us: Identity) -> AsyncOpenAI:
    return with_key(await key_of(us))


async def rows(us: Identity) -> list[dict[str, Any]]:
    await (await door()).admission.flush()
    async with connection() as session:
        cursor = await session.execute(
            "SELECT * FROM calls WHERE tenant = %s ORDER BY created_at", (us.tenant,)
        )
        return await cursor.fetchall()


async def text_of(stream: Any) -> str:
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream if chunk.choices])


async def test_a_completion_with_its_row_and_headers(
    client: AsyncOpenAI, us: Identity, first: ModelServer
) -> None:
    raw = await client.chat.completions.with_raw_response.create(model="best", messages=ASKED)
    assert raw.parse().choices[0].message.content == ANSWER
    assert raw.headers["x-kairos-deployment"] == "first"
    assert raw.headers["x-kairos-attempts"] == "1"
    (row,) = await rows(us)
    usage = raw.parse().usage
    assert usage is not None
    assert (row["input_tokens"], row["output_tokens"]) == (usage.prompt_tokens, usage.completion_tokens)
    assert row["nano_usd"] == usage.prompt_tokens * 1000 + usage.completion_tokens * 2000
    assert float(raw.headers["x-kairos-cost-usd"]) == row["nano_usd"] / 1e9
    assert (row["model"], row["deployment"], row["status"], row["feature"]) == (
        "best",
        "first",
        "ok",
        "gateway",
    )
    assert row["principal"] == "ann"
    assert row["key"] is not None
    assert first.calls[0].body["model"] == "first-1"


async def test_what_needs_no_translation_is_forwarded_as_it_came(
    url: str, us: Identity, first: ModelServer
) -> None:
    body = b'{ "model":"first-1",  "max_tokens": 7, "extra": [1, 2.50], "messages":[{"role":"user","content":"a"}]}'
    async with httpx.AsyncClient() as plain:
        answer = await plain.post(
            f"{url}/chat/completions",
            content=body.replace(b"first-1", b"first"),
            headers={"authorization": f"Bearer {await key_of(us)}"},
        )
    assert answer.status_code == 200
    sent = first.calls[0].body
    assert sent == json.loads(body)


async def test_pictures_tools_schemas_and_logprobs_pass_untouched(
    client: AsyncOpenAI, first: ModelServer
) -> None:
    more: Any = {
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "What is this?"},
                    {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}},
                ],
            }
        ],
        "tools": [{"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}],
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "s", "schema": {"type": "object"}},
        },
        "logprobs": True,
        "top_logprobs": 2,
    }
    await client.chat.completions.create(model="best", **more)
    assert {name: first.calls[0].body[name] for name in more} == more


async def test_a_stream_with_and_without_usage(client: AsyncOpenAI, us: Identity) -> None:
    assert (
        await text_of(await client.chat.completions.create(model="best", messages=ASKED, stream=True))
        == ANSWER
    )
    options: Any = {"include_usage": True}
    stream = await client.chat.completions.create(
        model="best", messages=ASKED, stream=True, stream_options=options
    )
    chunks = [chunk async for chunk in stream]
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == len(ANSWER.split())
    assert [row["output_tokens"] for row in await rows(us)] == [len(ANSWER.split())] * 2


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=500),
        Reply(status=429),
        Reply(status=429, headers={"retry-after": "30"}),
        Reply(status=401),
        Reply(fault="hang"),
        Reply(fault="reset"),
        Reply(body=b"<html>busy</html>"),
        Reply(body=b""),
    ],
)
@pytest.mark.parametrize("streamed", [False, True])
async def test_a_deployment_that_fails_is_replaced_by_the_next(
    client: AsyncOpenAI, us: Identity, first: ModelServer, fault: Reply, streamed: bool
) -> None:
    first.script(fault)
    answer: Any = await client.chat.completions.create(model="best", messages=ASKED, stream=streamed)
    assert (await text_of(answer) if streamed else answer.choices[0].message.content) == ANSWER
    (row,) = await rows(us)
    assert (row["deployment"], row["attempts"], row["status"]) == ("second", 2, "ok")
    assert any(reason.startswith("first: ") for reason in row["route"])


@pytest.mark.parametrize("fault", [Reply(ANSWER, fault="cut"), Reply(ANSWER, between=2.0)])
async def test_a_stream_that_dies_goes_on_elsewhere_and_nothing_is_sent_twice(
    client: AsyncOpenAI, us: Identity, first: ModelServer, second: ModelServer, fault: Reply
) -> None:
    first.script(fault)
    stream = await client.chat.completions.create(model="best", messages=ASKED, stream=True)
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices) == ANSWER
    assert len({chunk.id for chunk in chunks}) == 1
    assert second.calls[0].body["messages"][1]["role"] == "assistant"
    (row,) = await rows(us)
    assert (row["status"], row["deployment"], row["attempts"]) == ("ok", "second", 3)


async def test_a_stream_that_nobody_can_finish_ends_with_a_marker(
    client: AsyncOpenAI, us: Identity, first: ModelServer, second: ModelServer
) -> None:
    first.script(Reply(ANSWER, fault="cut"))
    second.script(Reply(status=500))
    stream = await client.chat.completions.create(model="best", messages=ASKED, stream=True)
    with pytest.raises(openai.APIError, match="has failed at its provider"):
        await text_of(stream)
    (row,) = await rows(us)
    assert row["status"] == "cut"
    assert row["output_tokens"] > 0


async def test_a_reader_who_leaves_is_settled(client: AsyncOpenAI, us: Identity, first: ModelServer) -> None:
    first.script(Reply(ANSWER, between=0.2))
    stream: Any = await client.chat.completions.create(model="best", messages=ASKED, stream=True)
    async for _ in stream:
        break
    await stream.close()
    for _ in range(100):
        if found := await rows(us):
            break
        await asyncio.sleep(0.05)
    assert found[0]["status"] == "disconnected"
    assert found[0]["nano_usd"] > 0
    async with connection() as session:
        cursor = await session.execute(
            "SELECT count(*) AS n FROM reservations WHERE tenant = %s", (us.tenant,)
        )
        assert await cursor.fetchone() == {"n": 0}


async def test_who_leaves_before_the_first_token_pays_for_what_was_read(
    client: AsyncOpenAI, us: Identity, first: ModelServer, second: ModelServer
) -> None:
    for server in (first, second):
        server.script(Reply(ANSWER, latency=0.4))
    with pytest.raises(openai.APITimeoutError):
        await client.with_options(timeout=0.2).chat.completions.create(
            model="best", messages=ASKED, stream=True
        )
    for _ in range(100):
        if found := await rows(us):
            break
        await asyncio.sleep(0.05)
    assert found[0]["status"] == "disconnected"
    assert (found[0]["output_tokens"], found[0]["nano_usd"] > 0) == (0, True)


async def test_a_model_without_prices_is_not_called_where_a_budget_holds(
    client: AsyncOpenAI, us: Identity, second: ModelServer
) -> None:
    asked: Any = {"model": "unpriced", "messages": ASKED}
    await client.chat.completions.create(**asked)
    await budgets.put(us, "user", "ann", "day", 10**12)
    with pytest.raises(openai.APIStatusError, match="has no price in the catalog"):
        await client.chat.completions.create(**asked)
    assert len(second.calls) == 1


async def test_a_deployment_at_its_limit_leaves_the_call_to_the_next(
    client: AsyncOpenAI, us: Identity, first: ModelServer
) -> None:
    number = await rate_limits.put(us, "model", "first", "requests", 1, 3600)
    try:
        answered = []
        for _ in range(2):
            raw = await client.chat.completions.with_raw_response.create(model="best", messages=ASKED)
            answered.append(raw.headers["x-kairos-deployment"])
        assert answered == ["first", "second"]
        with pytest.raises(openai.RateLimitError, match="'first' has reached the limit"):
            await client.chat.completions.create(model="first", messages=ASKED)
    finally:
        await rate_limits.remove(us, number)


async def test_errors_have_openais_form_and_our_code(
    client: AsyncOpenAI, with_key: Callable[[str], AsyncOpenAI]
) -> None:
    with pytest.raises(openai.NotFoundError) as unknown:
        await client.chat.completions.create(model="gpt-0", messages=ASKED)
    assert unknown.value.code == "model_not_found"
    assert isinstance(unknown.value.body, dict)
    assert unknown.value.body["kairos_code"] == "model_unknown"
    with pytest.raises(openai.AuthenticationError, match="no such API key"):
        await with_key("kairos-" + "x" * 43).models.list()
    with pytest.raises(openai.BadRequestError, match="at least one message"):
        await client.chat.completions.create(model="best", messages=[])
    tools: Any = [{"type": "function", "function": {"name": "f", "parameters": {"type": "objekt"}}}]
    with pytest.raises(openai.BadRequestError, match=r"tools\.0 \(f\): 'parameters' is no JSON schema: type"):
        await client.chat.completions.create(model="best", messages=ASKED, tools=tools)


async def test_keys_that_are_revoked_rotated_expired_or_limited_to_models(
    with_key: Callable[[str], AsyncOpenAI], us: Identity
) -> None:
    client = with_key((await api_keys.create(us, "ci", "ann", models=["second"])).secret)
    assert [model.id async for model in client.models.list()] == ["second"]
    await client.chat.completions.create(model="second", messages=ASKED)
    with pytest.raises(openai.PermissionDeniedError, match="may not call the model 'best'"):
        await client.chat.completions.create(model="best", messages=ASKED)
    newer = with_key((await api_keys.rotate(us, "ci", timedelta(hours=1))).secret)
    for either in (client, newer):
        await either.chat.completions.create(model="second", messages=ASKED)
    await api_keys.revoke(us, "ci")
    with pytest.raises(openai.AuthenticationError, match="revoked"):
        await client.chat.completions.create(model="second", messages=ASKED)
    short = await api_keys.create(us, "short", "ann", expires_in=timedelta(milliseconds=1))
    with pytest.raises(openai.AuthenticationError, match="expired"):
        await with_key(short.secret).models.list()


async def test_a_spent_budget_refuses_and_says_so(
    client: AsyncOpenAI, us: Identity, first: ModelServer
) -> None:
    await budgets.put(us, "user", "ann", "total", 2_100_000)
    first.script(Reply(ANSWER, usage={"prompt_tokens": 100, "completion_tokens": 1000}))
    await client.chat.completions.create(model="best", messages=ASKED)
    calls = len(first.calls)
    with pytest.raises(openai.RateLimitError, match="has no room for this call") as refused:
        await client.chat.completions.create(model="best", messages=ASKED)
    assert refused.value.code == "insufficient_quota"
    assert len(first.calls) == calls
    assert [row["status"] for row in await rows(us)] == ["ok", "refused"]


async def test_a_spent_budget_that_downgrades_goes_on_with_what_is_cheaper(
    client: AsyncOpenAI, us: Identity, first: ModelServer, second: ModelServer
) -> None:
    await budgets.put(us, "user", "ann", "total", 5_000_000, "downgrade")
    raw = await client.chat.completions.with_raw_response.create(model="second", messages=ASKED)
    assert raw.headers["x-kairos-deployment"] == "first"
    assert not second.calls


async def test_langchains_client(url: str, us: Identity) -> None:
    key: Any = await key_of(us)
    chat = ChatOpenAI(base_url=url, api_key=key, model="best", max_retries=0)
    assert (await chat.ainvoke("How long is the notice period?")).text == ANSWER
    assert "".join([str(chunk.text) async for chunk in chat.astream("How long?")]) == ANSWER
    await chat.root_async_client.close()


async def test_the_governed_turn_as_a_model(client: AsyncOpenAI) -> None:
    answer = await client.chat.completions.create(model="kairos/assistant", messages=ASKED)
    assert answer.choices[0].message.content == "The documents do not say."
    stream = await client.chat.completions.create(model="kairos/assistant", messages=ASKED, stream=True)
    assert await text_of(stream) == "The documents do not say."


async def test_a_model_without_the_capability_is_not_asked(client: AsyncOpenAI, first: ModelServer) -> None:
    with pytest.raises(openai.APIStatusError, match="cannot do embeddings") as wrong:
        await client.embeddings.create(model="first", input="a")
    assert wrong.value.status_code == 503
    assert not first.calls
