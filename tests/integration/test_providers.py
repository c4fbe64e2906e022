"""LangChain's packages of the providers, through the door's own making, against addresses of this machine.

The packages are extras: anthropic's and openai's are always tested, the others where they are installed.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from state.errors import KairosError
from tests.fixtures.loopback import serving
from tests.fixtures.model_server import ModelServer
from tools.models.address import address
from tools.models.entry import Entry
from tools.models.probe import probe
from tools.models.providers import make

KEY = "sk-very-secret-0123456789"
PACKAGES = {"bedrock": "langchain_aws", "google": "langchain_google_genai", "cohere": "langchain_cohere"}
ANSWERS: Mapping[str, Any] = {
    "azure": {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "m",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "ok"}, "finish_reason": "stop"}],
    },
    "anthropic": {
        "id": "1",
        "type": "message",
        "role": "assistant",
        "model": "m",
        "content": [{"type": "text", "text": "ok"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {"input_tokens": 3, "output_tokens": 1},
    },
    "google": {
        "candidates": [{"content": {"role": "model", "parts": [{"text": "ok"}]}, "finishReason": "STOP"}],
        "usageMetadata": {"promptTokenCount": 3, "candidatesTokenCount": 1, "totalTokenCount": 4},
    },
    "cohere": {
        "id": "1",
        "finish_reason": "COMPLETE",
        "message": {"role": "assistant", "content": [{"type": "text", "text": "ok"}]},
        "usage": {"tokens": {"input_tokens": 3, "output_tokens": 1}},
    },
    "bedrock": {
        "output": {"message": {"role": "assistant", "content": [{"text": "ok"}]}},
        "stopReason": "end_turn",
        "usage": {"inputTokens": 3, "outputTokens": 1, "totalTokens": 4},
        "metrics": {"latencyMs": 1},
    },
}


class Upstream:
    """Answers everything alike and notes what came."""

    def __init__(self) -> None:
        self.url = ""
        self.status = 200
        self.answer: Any = {}
        self.asked: list[Request] = []

    async def reply(self, request: Request) -> Response:
        await request.body()
        self.asked.append(request)
        if isinstance(self.answer, str):
            return PlainTextResponse(self.answer, self.status)
        return JSONResponse(self.answer, self.status)


@pytest.fixture
async def upstream(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Upstream]:
    for name in ("ANTHROPIC", "GOOGLE", "COHERE", "AZURE_OPENAI"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "one")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    found = Upstream()
    async with serving([Route("/{path:path}", found.reply, methods=["GET", "POST"])]) as found.url:
        yield found


def entry(provider: str, url: str) -> Entry:
    if provider in PACKAGES:
        pytest.importorskip(PACKAGES[provider])
    more = {"azure": {"api_version": "2024-10-21"}, "bedrock": {"region": "eu-central-1"}}.get(provider, {})
    model = "anthropic.claude-3-haiku-20240307-v1:0" if provider == "bedrock" else "m"
    fields = {"name": "one", "provider": provider, "model": model, "base_url": url, "context": 9_000}
    return Entry.model_validate(fields | more)


@pytest.mark.parametrize("provider", ANSWERS)
async def test_each_provider_answers(upstream: Upstream, provider: str) -> None:
    upstream.answer = ANSWERS[provider]
    one = entry(provider, upstream.url)
    assert await probe(one) > 0
    (asked,) = upstream.asked
    if provider != "bedrock":
        assert KEY in str(asked.headers) + str(asked.url)
    model = make(one)
    assert model.get_name() == "one"
    assert model.profile == {"max_input_tokens": 9_000}
    assert KEY not in repr(model)


@pytest.mark.parametrize("provider", ANSWERS)
@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "model_unauthorised"),
        (404, "model_not_found"),
        (429, "model_rate_limited"),
        (400, "model_refused"),
        (500, "model_failed"),
    ],
)
async def test_a_status_is_one_code_whatever_the_provider(
    upstream: Upstream, provider: str, status: int, code: str
) -> None:
    upstream.status = status
    upstream.answer = {"error": {"message": f"no, {KEY}", "type": "e", "code": status}, "message": KEY}
    with pytest.raises(KairosError) as failure:
        await probe(entry(provider, upstream.url))
    assert failure.value.code == code
    assert KEY not in failure.value.sentence
    # Cohere's client tries twice more by itself, and LangChain's package does not let it be told not to.
    assert len(upstream.asked) == 1 or provider == "cohere"


@pytest.mark.parametrize("provider", ANSWERS)
async def test_an_answer_that_is_none(upstream: Upstream, provider: str) -> None:
    upstream.answer = "<html>busy</html>"
    with pytest.raises(KairosError) as failure:
        await probe(entry(provider, upstream.url))
    assert failure.value.code in {"model_bad_answer", "model_failed"}


@pytest.mark.parametrize("provider", ANSWERS)
async def test_nobody_listens_at_the_address(upstream: Upstream, provider: str) -> None:
    with pytest.raises(KairosError) as failure:
        await probe(entry(provider, "http://127.0.0.1:9"))
    assert failure.value.code == "model_unreachable"


@pytest.mark.parametrize("provider", ["anthropic", "google", "cohere"])
def test_each_event_loop_has_its_own_connections(monkeypatch: pytest.MonkeyPatch, provider: str) -> None:
    for name in ("ANTHROPIC", "GOOGLE", "COHERE"):
        monkeypatch.setenv(f"{name}_API_KEY", KEY)
    with ModelServer() as server:
        for _ in range(2):
            with pytest.raises(KairosError) as failure:
                asyncio.run(probe(entry(provider, server.url)))
            assert failure.value.code == "model_not_found"


async def test_azure_is_called_alike_by_its_client_and_by_bytes(upstream: Upstream) -> None:
    upstream.answer = ANSWERS["azure"]
    one = entry("azure", upstream.url)
    await probe(one)
    (asked,) = upstream.asked
    to = address(one)
    assert to is not None
    assert str(asked.url) == f"{to.base}/chat/completions?api-version={to.query['api-version']}"
    assert asked.headers["api-key"] == to.headers["api-key"] == KEY
    assert "authorization" not in asked.headers
