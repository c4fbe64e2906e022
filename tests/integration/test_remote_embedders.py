"""The hosted embedders against a real HTTP service that answers by script."""

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import numpy as np
import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from state.errors import KairosError
from state.settings import Settings, settings
from tests.fixtures.loopback import serving
from tools.embed import cohere, embedder, openai, remote

KEY = "sk-very-secret"
Answer = Response | Callable[[dict[str, Any]], Response]


def vector(text: str) -> list[float]:
    return [float(len(text)), 1.0, 0.5]


def openai_answer(body: dict[str, Any]) -> Response:
    """Right, but with the rows in reverse: only `index` tells their order."""
    rows = [{"index": place, "embedding": vector(text)} for place, text in enumerate(body["input"])]
    return JSONResponse({"object": "list", "data": rows[::-1]})


def cohere_answer(body: dict[str, Any]) -> Response:
    return JSONResponse({"embeddings": {"float": [vector(text) for text in body["texts"]]}})


@dataclass
class Service:
    """Gives the scripted answers first, then the right one for the path."""

    script: list[Answer] = field(default_factory=list)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: Request) -> Response:
        body = await request.json()
        self.bodies.append(body)
        self.times.append(time.monotonic())
        self.keys.append(request.headers.get("Authorization"))
        right = cohere_answer if request.url.path == "/v2/embed" else openai_answer
        answer = self.script.pop(0) if self.script else right
        return answer if isinstance(answer, Response) else answer(body)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    routes = [Route(path, service.handle, methods=["POST"]) for path in ("/v1/embeddings", "/v2/embed")]
    async with serving(routes) as service.url:
        yield


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    async with running(made):
        yield made


@pytest.fixture
async def hosted(service: Service) -> AsyncIterator[remote.RemoteEmbedder]:
    made = openai.load(Settings(embedder_url=f"{service.url}/v1", embedder_key=SecretStr(KEY)))
    async with aclosing(made.client):
        yield made


def unit(text: str) -> Any:
    return np.array(vector(text)) / np.linalg.norm(vector(text))


async def test_batches_keep_order_and_length(service: Service, hosted: remote.RemoteEmbedder) -> None:
    texts = ["x" * (1 + number * 13 % 70) for number in range(70)]
    vectors = await hosted.embed(texts)
    np.testing.assert_allclose(vectors, [unit(text) for text in texts], atol=1e-6)
    assert vectors.dtype == np.float32
    assert (hosted.dimensions, hosted.name) == (3, "openai:text-embedding-3-small")
    assert [len(body["input"]) for body in service.bodies] == [32, 32, 6]
    assert set(service.keys) == {f"Bearer {KEY}"}


async def test_no_texts_ask_nothing(service: Service, hosted: remote.RemoteEmbedder) -> None:
    assert len(await hosted.embed([])) == 0
    assert service.bodies == []


async def test_cohere_tells_questions_from_passages(service: Service) -> None:
    made = cohere.load(
        Settings(embedder_url=service.url, embedder_key=SecretStr(KEY), embedder_model="embed-x")
    )
    async with aclosing(made.client):
        await made.embed(["a passage"])
        question = await made.embed_query("a question?")
    assert [body["input_type"] for body in service.bodies] == ["search_document", "search_query"]
    assert service.bodies[0]["model"] == "embed-x"
    np.testing.assert_allclose(question, unit("a question?"), atol=1e-6)


async def test_retry_after_is_honoured(service: Service, hosted: remote.RemoteEmbedder) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    service.script = [Response(status_code=429, headers={"Retry-After": "1"})]
    service.script += [Response(status_code=503, headers={"Retry-After": soon}), Response(status_code=500)]
    assert (await hosted.embed(["text"])).shape == (1, 3)
    assert len(service.times) == 4
    assert service.times[1] - service.times[0] >= 1


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_retries_end(service: Service, hosted: remote.RemoteEmbedder, status: int) -> None:
    service.script = [Response(KEY, status, headers={"Retry-After": "0"})] * 9
    with pytest.raises(KairosError, match=rf"127.0.0.1 answered {status}, after 4 attempts") as caught:
        await hosted.embed(["text"])
    assert caught.value.code == "embedder_unavailable"
    assert len(service.bodies) == remote.ATTEMPTS


async def test_an_hour_is_not_waited_for(service: Service, hosted: remote.RemoteEmbedder) -> None:
    service.script = [Response(status_code=429, headers={"Retry-After": "3600"})]
    with pytest.raises(KairosError, match="429 and asks to wait 3600 s, after 1 attempts"):
        await hosted.embed(["text"])
    assert len(service.bodies) == 1


@pytest.mark.parametrize(
    ("status", "code"), [(401, "embedder_key"), (404, "embedder_refused"), (302, "embedder_refused")]
)
async def test_a_refusal_is_not_repeated(
    service: Service, hosted: remote.RemoteEmbedder, status: int, code: str
) -> None:
    service.script = [JSONResponse({"error": f"bad key {KEY}"}, status)]
    with pytest.raises(KairosError, match=str(status)) as caught:
        await hosted.embed(["text"])
    assert caught.value.code == code
    assert KEY not in caught.value.sentence
    assert KEY not in repr(hosted)
    assert len(service.bodies) == 1


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [
        (Response("<html>"), "not JSON"),
        (Response(b"\xff\xfe\x00garbage"), "not JSON"),
        (JSONResponse([]), "without vectors"),
        (JSONResponse({"data": None}), "without vectors"),
        (JSONResponse({"data": [{"index": 0}]}), "without vectors"),
        (JSONResponse({"data": []}), "0 vectors for 2 texts"),
        (JSONResponse({"data": [{"index": 0, "embedding": [1.0]}]}), "1 vectors for 2 texts"),
        (JSONResponse({"data": [{"index": row, "embedding": "AAAA"} for row in (0, 1)]}), "not a table"),
        (
            JSONResponse({"data": [{"index": row, "embedding": [1.0] * (1 + row)} for row in (0, 1)]}),
            "not a table",
        ),
        (
            JSONResponse({"data": [{"index": row, "embedding": [0.0, 0.0]} for row in (0, 1)]}),
            "zero or not finite",
        ),
        (
            Response('{"data":[{"index":0,"embedding":[NaN]},{"index":1,"embedding":[1]}]}'),
            "zero or not finite",
        ),
    ],
)
async def test_a_wrong_answer_is_named(
    service: Service, hosted: remote.RemoteEmbedder, answer: Response, sentence: str
) -> None:
    service.script = [answer]
    with pytest.raises(KairosError, match=sentence) as caught:
        await hosted.embed(["one", "two"])
    assert caught.value.code == "embedder_answer"


async def test_a_change_of_size_is_refused(service: Service, hosted: remote.RemoteEmbedder) -> None:
    await hosted.embed(["text"])
    service.script = [JSONResponse({"data": [{"index": 0, "embedding": [1.0, 2.0]}]})]
    with pytest.raises(KairosError, match="changed from 3 to 2 dimensions"):
        await hosted.embed_query("text")


async def test_a_closed_port_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "FIRST_WAIT", 0)
    made = openai.load(Settings(embedder_url="http://127.0.0.1:9/v1"))
    async with aclosing(made.client):
        with pytest.raises(
            KairosError, match=r"127.0.0.1 cannot be reached \(ConnectError\), after 4 attempts"
        ):
            await made.embed(["text"])


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment of its own, with nothing chosen yet."""
    monkeypatch.setattr(embedder, "_ready", None)
    settings.cache_clear()
    embedder._load.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    embedder._load.cache_clear()


async def test_the_environment_chooses_once(service: Service, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KAIROS_EMBEDDER", "openai")
    environment.setenv("KAIROS_EMBEDDER_URL", f"{service.url}/v1/")
    environment.setenv("KAIROS_EMBEDDER_MODEL", "m")
    made = await embedder.embedder()
    assert isinstance(made, remote.RemoteEmbedder)
    async with aclosing(made.client):
        assert (made.name, made.dimensions, service.keys) == ("openai:m", 3, [None])
        assert await embedder.embedder() is made


async def test_a_failed_start_is_tried_again(service: Service, environment: pytest.MonkeyPatch) -> None:
    environment.setenv("KAIROS_EMBEDDER", "cohere")
    environment.setenv("KAIROS_EMBEDDER_URL", service.url)
    environment.setenv("KAIROS_EMBEDDER_KEY", KEY)
    service.script = [Response(status_code=400)]
    with pytest.raises(KairosError, match="400"):
        await embedder.embedder()
    made = await embedder.embedder()
    assert isinstance(made, remote.RemoteEmbedder)
    async with aclosing(made.client):
        assert made.dimensions == 3
