"""The chat model that nodes get, through the door, against a scripted server."""

import asyncio
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from blockbuster import blockbuster_ctx
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage

from prompts.registry import load
from state.caller import Caller
from state.errors import KairosError
from state.identity import Identity
from state.postgres.pool import close_pool
from state.settings import settings
from tests.fixtures.model_server import ModelServer, Reply
from tools.models.catalog import catalog
from tools.models.door import chat_model
from tools.models.errors import answer_text, model_errors
from tools.models.opened import close_door

CALLER = Caller(Identity("models", "somebody"), "tests")
KEY = "sk-very-secret-0123456789"
ANSWER = "Notice is four weeks. [1]"
SOON = {"retry-after-ms": "5"}


@pytest.fixture(scope="module")
def running() -> Iterator[ModelServer]:
    with ModelServer() as server:
        yield server


@pytest.fixture
def upstream(running: ModelServer) -> ModelServer:
    running.script(Reply())
    running.calls.clear()
    return running


@pytest.fixture
async def configured(
    upstream: ModelServer, pool: object, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    path = tmp_path / "models.yaml"
    await asyncio.to_thread(path.write_text, _catalog(upstream.url))
    monkeypatch.setenv("KAIROS_MODELS", str(path))
    monkeypatch.setenv("STUB_KEY", KEY)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-provider")
    _forget()
    yield
    await close_door()
    _forget()


@pytest.fixture
async def model(configured: None) -> BaseChatModel:
    return await chat_model("answer", CALLER, "stub")


def _catalog(url: str) -> str:
    return f"""
models:
  - {{name: stub, provider: openai, base_url: "{url}", key_env: STUB_KEY, model: stub-1, timeout: 0.5,
     input_price: 2, output_price: 8, context: 4096}}
  - {{name: keyless, provider: openai, base_url: "{url}", model: stub-2}}
"""


def _forget() -> None:
    settings.cache_clear()
    catalog.cache_clear()


def _messages() -> list[BaseMessage]:
    return load("answer").messages(
        passages="Notice is four weeks.", question="How long is notice?", canary="3x9"
    )


async def _ask(model: BaseChatModel) -> str:
    with model_errors(model.get_name()):
        return answer_text(model.get_name(), await model.ainvoke(_messages()))


async def _stream(model: BaseChatModel) -> AIMessageChunk:
    whole = AIMessageChunk(content="")
    with model_errors(model.get_name()):
        async for chunk in model.astream(_messages()):
            whole += chunk
        answer_text(model.get_name(), whole)
    return whole


async def test_answer_usage_and_cost(upstream: ModelServer, model: BaseChatModel) -> None:
    usage = {"prompt_tokens": 1000, "completion_tokens": 500, "total_tokens": 1500}
    upstream.script(Reply(ANSWER, usage=usage))
    message = await model.ainvoke(_messages())
    assert isinstance(message, AIMessage)
    assert answer_text(model.get_name(), message) == ANSWER
    assert model.get_name() == "stub"
    assert message.response_metadata["cost"] == pytest.approx((1000 * 2 + 500 * 8) / 1e6)
    assert message.response_metadata["model_name"] == "stub"
    (call,) = upstream.calls
    assert call.body["model"] == "stub-1"
    assert [m["role"] for m in call.body["messages"]] == ["system", "user", "user"]
    assert call.body["messages"][-1]["content"] == "How long is notice?"
    assert call.headers["authorization"] == f"Bearer {KEY}"


async def test_stream_of_tokens_ends_with_usage(upstream: ModelServer, model: BaseChatModel) -> None:
    upstream.script(Reply(ANSWER))
    texts = [str(chunk.text) async for chunk in model.astream(_messages())]
    assert "".join(texts) == ANSWER  # in pieces as the guards let it through
    whole = await _stream(model)
    assert whole.usage_metadata is not None
    assert whole.usage_metadata["output_tokens"] == 5


async def test_answer_made_from_the_request(upstream: ModelServer, model: BaseChatModel) -> None:
    upstream.script(Reply(lambda body: body["messages"][-1]["content"].upper()))
    assert await _ask(model) == "HOW LONG IS NOTICE?"


async def test_a_price_that_is_not_known_leaves_the_cost_open(configured: None) -> None:
    message = await (await chat_model("answer", CALLER, "keyless")).ainvoke(_messages())
    assert message.response_metadata["cost"] is None


async def test_usage_that_makes_no_sense_is_estimated(upstream: ModelServer, model: BaseChatModel) -> None:
    for usage in (
        {"prompt_tokens": "many"},
        {"prompt_tokens": -4, "completion_tokens": 2},
        {"prompt_tokens": 0},
    ):
        upstream.script(Reply(ANSWER, usage=usage))
        message = await model.ainvoke(_messages())
        assert isinstance(message, AIMessage)
        assert message.usage_metadata is not None
        assert message.usage_metadata["input_tokens"] > 20
        assert message.usage_metadata["output_tokens"] >= 5


async def test_key_of_another_provider_is_not_sent(upstream: ModelServer, configured: None) -> None:
    await _ask(await chat_model("answer", CALLER, "keyless"))
    assert "sk-of-another-provider" not in str(upstream.calls[0].headers)


async def test_retry_after_a_rate_limit_and_a_failure(upstream: ModelServer, model: BaseChatModel) -> None:
    upstream.script(Reply(status=429, headers=SOON), Reply(status=500, headers=SOON), Reply(ANSWER))
    assert await _ask(model) == ANSWER
    assert len(upstream.calls) == 3


UNREADABLE = "gave an answer that cannot be read"
ERRORS = [
    (Reply("bad key " + KEY, status=401), 1, "model_unauthorised", "refused the key (HTTP 401)"),
    (Reply(status=403), 1, "model_unauthorised", "refused the key (HTTP 403)"),
    (Reply(status=404), 1, "model_not_found", "is not known at its address (HTTP 404)"),
    (Reply(status=400), 1, "model_refused", "refused the request as invalid (HTTP 400): ok"),
    (Reply(status=422), 1, "model_refused", "refused the request as invalid (HTTP 422): ok"),
    (
        Reply("context_length_exceeded", status=400),
        1,
        "model_context_exceeded",
        "cannot read that much text at once (HTTP 400)",
    ),
    (Reply(status=429, headers=SOON), 3, "model_rate_limited", "takes no more calls now (HTTP 429)"),
    (Reply(status=429), 3, "model_rate_limited", "takes no more calls now (HTTP 429)"),
    (Reply(status=500, headers=SOON), 3, "model_failed", "has failed at its provider (HTTP 500)"),
    (Reply(fault="hang"), 3, "model_timeout", "did not answer in time"),
    (Reply(fault="reset"), 3, "model_unreachable", "cannot be reached, or hung up"),
    (Reply(body=b"<html>busy</html>"), 1, "model_bad_answer", UNREADABLE),
    (Reply(body=b"[]"), 1, "model_bad_answer", UNREADABLE),
    (Reply(body=b""), 1, "model_bad_answer", UNREADABLE),
    (Reply(body=b'{"choices": null}'), 1, "model_bad_answer", UNREADABLE),
    (Reply(body=b'{"choices": []}'), 1, "model_bad_answer", UNREADABLE),
    (Reply(""), 1, "model_bad_answer", "gave an empty answer"),
    (Reply(" \n"), 1, "model_bad_answer", "gave an empty answer"),
]


@pytest.mark.parametrize(("reply", "calls", "code", "says"), ERRORS)
async def test_error_is_one_sentence_without_the_key(
    upstream: ModelServer,
    model: BaseChatModel,
    reply: Reply,
    calls: int,
    code: str,
    says: str,
) -> None:
    upstream.script(reply)
    with pytest.raises(KairosError) as failure:
        await _ask(model)
    assert (failure.value.code, failure.value.sentence) == (code, f"The model 'stub' {says}.")
    assert len(upstream.calls) == calls
    assert KEY not in "".join(traceback.format_exception(failure.value)) + repr(failure.value)


STREAMED = [
    (Reply(ANSWER, fault="cut"), "model_bad_answer"),
    (Reply(ANSWER, between=5), "model_timeout"),
    (Reply(status=401), "model_unauthorised"),
    (Reply(fault="reset"), "model_unreachable"),
    (Reply(body=b"<html>busy</html>"), "model_bad_answer"),
    (Reply(body=b"data: {broken\n\n"), "model_bad_answer"),
    (Reply(body=b'data: {"error": {"message": "out of memory"}}\n\n'), "model_failed"),
    (Reply(body=b"data: [DONE]\n\n"), "model_bad_answer"),
    (Reply(body=b'data: {"choices": [{"index": 0, "delta": {"content": "Not"}}]}\n\n'), "model_bad_answer"),
    (Reply(""), "model_bad_answer"),
]


@pytest.mark.parametrize(("reply", "code"), STREAMED)
async def test_error_in_a_stream(
    upstream: ModelServer, model: BaseChatModel, reply: Reply, code: str
) -> None:
    upstream.script(reply)
    with pytest.raises(KairosError) as failure:
        await _stream(model)
    assert failure.value.code == code


async def test_nobody_listens(
    upstream: ModelServer, monkeypatch: pytest.MonkeyPatch, configured: None
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    monkeypatch.setenv("KAIROS_MODEL_URL", f"http://127.0.0.1:{port}/v1")
    monkeypatch.setenv("KAIROS_MODEL_NAME", "gone")
    _forget()
    with pytest.raises(KairosError, match="'gone' cannot be reached") as failure:
        await _ask(await chat_model("answer", CALLER, "gone"))
    assert failure.value.code == "model_unreachable"


async def test_mistake_of_ours_is_not_covered_up() -> None:
    with pytest.raises(ZeroDivisionError), model_errors("stub"):
        _ = 1 / 0


async def test_key_is_in_no_text(model: BaseChatModel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await _ask(model)
    assert KEY not in repr(model) + str(model) + str(model.model_dump()) + caplog.text


async def test_nothing_blocks_the_event_loop(configured: None) -> None:
    with blockbuster_ctx():
        assert await _ask(await chat_model("answer", CALLER)) == "ok"


def test_each_event_loop_has_its_own_connections(
    upstream: ModelServer, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAIROS_MODEL_URL", upstream.url)
    monkeypatch.setenv("KAIROS_MODEL_NAME", "stub")
    _forget()

    async def turn() -> str:
        try:
            return await _ask(await chat_model("answer", CALLER))
        finally:
            await close_door()
            await close_pool()

    assert [asyncio.run(turn()), asyncio.run(turn())] == ["ok", "ok"]
    _forget()
