"""Hosted rerankers against a real HTTP service that answers by script: they rank, or the local ranking stands."""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from state.errors import KairosError
from state.identity import Identity
from state.settings import Settings, settings
from tests.fixtures.loopback import serving
from tests.integration.test_assistant import ask as turn
from tests.integration.test_search import put
from tools.rerank import chosen, cohere, remote
from tools.rerank.rank import rerank
from tools.retrieval import find

KEY = "rk-very-secret"
PAGES = {
    f"{place}.md": f"The {place} of the harbour opens at dawn for ships."
    for place in ("gate", "lock", "dock")
}
QUESTION = "When does the gate of the harbour open?"
Make = Callable[[dict[str, Any]], Response]


def ranks(last: str, key: str = "relevance_score", bare: bool = False) -> Make:
    """Puts the passage that holds a word first, and the rest in turn."""

    def answer(body: dict[str, Any]) -> Response:
        rows = [
            {"index": place, key: float(last in text) - place / 100}
            for place, text in enumerate(body["documents"])
        ]
        return JSONResponse(rows[::-1] if bare else {"results": rows[::-1]})

    return answer


def says(text: str | bytes, status: int = 200) -> Make:
    return lambda body: Response(text, status)


def scores(*values: object) -> Make:
    """Results 0, 1, ... with these scores, as JSON that Python may write (NaN)."""
    rows = [{"index": place, "relevance_score": value} for place, value in enumerate(values)]
    return says(json.dumps({"results": rows}))


@dataclass
class Service:
    """Answers as `answer` does, `latency` seconds late; at once when that is set to none."""

    answer: Make = field(default_factory=lambda: ranks("dock"))
    latency: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    url: str = ""

    async def handle(self, request: Request) -> Response:
        body = await request.json()
        self.asked.append(body)
        self.paths.append(request.url.path)
        self.keys.append(request.headers.get("Authorization"))
        until = time.monotonic() + self.latency
        while self.latency and time.monotonic() < until:  # noqa: ASYNC110 - it is set from another thread
            await asyncio.sleep(min(0.02, self.latency))
        return self.answer(body)


@asynccontextmanager
async def running(service: Service) -> AsyncIterator[None]:
    routes = [Route(path, service.handle, methods=["POST"]) for path in ("/v1/rerank", "/v2/rerank")]
    async with serving(routes) as service.url:
        yield


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    made = Service()
    async with running(made):
        yield made


@pytest.fixture
async def ann(pool: object) -> Identity:
    asker = Identity(f"rerank-{uuid4().hex[:8]}", "ann")
    for path, text in PAGES.items():
        await put(asker, path, text)
    return asker


async def ranked(asker: Identity, hosted: remote.RemoteReranker | None) -> tuple[list[str], chosen.Chosen]:
    reranker = chosen.Chosen(hosted)
    passages = await rerank(asker, QUESTION, await find(asker, QUESTION), 10, reranker=reranker)
    assert [p["score"] for p in passages] == sorted((p["score"] for p in passages), reverse=True)
    return [passage["document"] for passage in passages], reranker


def hosted(service: Service, seconds: float = 2) -> remote.RemoteReranker:
    return remote.load(
        Settings(
            reranker_url=f"{service.url}/v1",
            reranker_key=SecretStr(KEY),
            reranker_model="m",
            reranker_seconds=seconds,
        )
    )


@pytest.mark.parametrize("answer", [ranks("dock"), ranks("dock", "score", bare=True)])
async def test_a_hosted_reranker_decides(service: Service, ann: Identity, answer: Make) -> None:
    service.answer = answer
    locally, _ = await ranked(ann, None)
    assert locally[0] == "gate.md"
    made = hosted(service)
    async with aclosing(made.client):
        found, reranker = await ranked(ann, made)
    assert found[0] == "dock.md"
    assert sorted(found) == sorted(locally)
    assert (reranker.by, reranker.error) == ("remote:m", None)
    (body,) = service.asked
    assert (body["model"], body["query"], body["top_n"]) == ("m", QUESTION, 3)
    assert sorted(text.split("\n")[-1] for text in body["documents"]) == sorted(PAGES.values())
    assert service.keys == [f"Bearer {KEY}"]


async def test_every_score_is_told(service: Service, ann: Identity) -> None:
    made = hosted(service)
    async with aclosing(made.client):
        passages = await rerank(ann, QUESTION, await find(ann, QUESTION), 1, reranker=chosen.Chosen(made))
    why = passages[0]["why"]
    assert why["remote:m"] == passages[0]["score"]
    assert {"bm25", "cosine", "local"} <= why.keys()


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (says("", 500), "reranker_unavailable"),
        (says("busy", 429), "reranker_unavailable"),
        (says(KEY, 401), "reranker_key"),
        (says("no such model", 404), "reranker_refused"),
        (says("", 302), "reranker_refused"),
        (says("<html>"), "reranker_answer"),
        (says(b"\xff\xfe\x00"), "reranker_answer"),
        (says("[" * 100_000), "reranker_answer"),
        (says("null"), "reranker_answer"),
        (says('{"results": null}'), "reranker_answer"),
        (says('{"results": {"index": 0}}'), "reranker_answer"),
        (says('{"results": [1, 2, 3]}'), "reranker_answer"),
        (scores(0.5, 0.4), "reranker_answer"),
        (scores(0.5, 0.4, 0.3, 0.2), "reranker_answer"),
        (scores(0.5, 0.4, float("nan")), "reranker_answer"),
        (scores(0.5, 0.4, None), "reranker_answer"),
        (scores(0.5, 0.4, "high"), "reranker_answer"),
        (scores(0.5, 0.4, 10**400), "reranker_answer"),
        (says('{"results": [{"index": 0}, {"index": 1}, {"index": 2}]}'), "reranker_answer"),
        (says(json.dumps([{"index": 0, "score": 1}] * 3)), "reranker_answer"),
    ],
)
async def test_a_failure_leaves_the_local_ranking(
    service: Service, ann: Identity, answer: Make, code: str
) -> None:
    service.answer = answer
    locally, _ = await ranked(ann, None)
    made = hosted(service)
    async with aclosing(made.client):
        found, reranker = await ranked(ann, made)
    assert found == locally
    assert (reranker.by, reranker.error) == ("local", code)


async def test_a_slow_reranker_is_not_waited_for(service: Service, ann: Identity) -> None:
    service.latency = 20
    await ranked(ann, None)
    made = hosted(service, seconds=0.2)
    async with aclosing(made.client):
        started = time.monotonic()
        found, reranker = await ranked(ann, made)
        assert time.monotonic() - started < 10
    assert (found[0], reranker.by, reranker.error) == ("gate.md", "local", "reranker_slow")
    service.latency = 0


async def test_a_reranker_that_is_down(ann: Identity) -> None:
    made = remote.load(Settings(reranker_url="http://127.0.0.1:9/v1"))
    async with aclosing(made.client):
        found, reranker = await ranked(ann, made)
    assert (found[0], reranker.error) == ("gate.md", "reranker_unavailable")


async def test_what_is_not_sent_stays_behind(
    service: Service, ann: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "DEPTH", 2)
    service.answer = lambda body: scores(-3.0, -2.0)(body)
    locally, _ = await ranked(ann, None)
    made = hosted(service)
    async with aclosing(made.client):
        found, _ = await ranked(ann, made)
    assert found == [locally[1], locally[0], locally[2]]


async def test_cohere_is_asked_at_its_own_path(service: Service, ann: Identity) -> None:
    made = cohere.load(Settings(reranker_url=service.url, reranker_key=SecretStr(KEY)))
    async with aclosing(made.client):
        found, reranker = await ranked(ann, made)
    assert (found[0], reranker.by) == ("dock.md", f"cohere:{cohere.MODEL}")
    assert (service.paths, service.asked[0]["model"]) == (["/v2/rerank"], cohere.MODEL)


async def test_nothing_found_asks_nobody(service: Service, pool: object) -> None:
    found, reranker = await ranked(Identity(f"rerank-{uuid4().hex[:8]}", "eve"), hosted(service))
    assert (found, reranker.error, service.asked) == ([], None, [])


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """An environment of its own, with nothing chosen yet."""
    settings.cache_clear()
    chosen._hosted.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings.cache_clear()
    chosen._hosted.cache_clear()


@pytest.mark.parametrize(
    ("name", "code"),
    [("best", "reranker_unknown"), ("remote", "reranker_url"), ("cohere", "reranker_key")],
)
def test_a_wrong_choice_is_named(environment: pytest.MonkeyPatch, name: str, code: str) -> None:
    environment.setenv("KAIROS_RERANKER", name)
    with pytest.raises(KairosError) as caught:
        chosen.chosen()
    assert caught.value.code == code


async def test_the_turn_says_who_ranked(
    service: Service, ann: Identity, environment: pytest.MonkeyPatch
) -> None:
    assert (await turn(QUESTION, ann))["reranked_by"] == "local"
    environment.setenv("KAIROS_RERANKER", "remote")
    environment.setenv("KAIROS_RERANKER_URL", f"{service.url}/v1")
    settings.cache_clear()
    chosen._hosted.cache_clear()
    made = chosen._hosted()
    async with aclosing(made.client):
        state = await turn(QUESTION, ann)
        assert (state["reranked_by"], state["rerank_error"]) == ("remote", None)
        assert state["passages"][0]["document"] == "dock.md"
        service.answer = says("", 503)
        state = await turn(QUESTION, ann)
    assert (state["reranked_by"], state["rerank_error"]) == ("local", "reranker_unavailable")
    assert "gate" in state["answer"]
