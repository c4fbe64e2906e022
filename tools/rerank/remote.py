"""Any /v1/rerank endpoint over HTTP (SGLang, vLLM, Jina): one request, one time limit, a checked answer."""

import asyncio
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import httpx

from state.errors import KairosError
from state.postgres.readings import Reading, load_readings
from state.settings import Settings
from tools.embed.remote import connect
from tools.rerank.interface import Question, Ranked, by_score

DEPTH = 50
"""The best candidates, whose texts are sent."""


@dataclass(frozen=True)
class RemoteReranker:
    """A hosted cross-encoder; `seconds` is the most that its answer may take."""

    name: str
    url: str
    model: str
    client: httpx.AsyncClient
    seconds: float

    async def __call__(self, question: Question, ranked: Sequence[Ranked]) -> list[Ranked]:
        """The first DEPTH candidates by the model's scores, before the others in the order they had.

        Raises KairosError `reranker_slow`, `_unavailable`, `_key`, `_refused` or `_answer`.
        """
        readings = await load_readings(question.identity, [one.chunk for one in ranked[:DEPTH]])
        head = [one for one in ranked[:DEPTH] if one.chunk in readings]
        if not head:
            return list(ranked)
        scores = await self.scores(question.text, [_text(readings[one.chunk]) for one in head])
        best = [self._rescored(one, score) for one, score in zip(head, scores, strict=True)]
        return [*sorted(best, key=by_score), *_below(ranked[DEPTH:], min(scores))]

    async def scores(self, query: str, documents: Sequence[str]) -> list[float]:
        """How well each document answers the query, in the model's own unit; errors as above."""
        source = f"The reranker at {httpx.URL(self.url).host}"
        body = {"model": self.model, "query": query, "documents": list(documents), "top_n": len(documents)}
        try:
            async with asyncio.timeout(self.seconds):
                response = await self.client.post(self.url, json=body)
        except (TimeoutError, httpx.TimeoutException):
            sentence = f"{source} took longer than {self.seconds:g} s."
            raise KairosError("reranker_slow", sentence) from None
        except httpx.RequestError as error:
            sentence = f"{source} cannot be reached ({type(error).__name__})."
            raise KairosError("reranker_unavailable", sentence) from error
        return scores_of(_content(response, source), len(documents), source)

    def _rescored(self, one: Ranked, score: float) -> Ranked:
        return replace(one, score=score, why={**one.why, "local": one.score, self.name: score})


def load(settings: Settings) -> RemoteReranker:
    """The reranker of KAIROS_RERANKER_MODEL and _KEY at KAIROS_RERANKER_URL; raises KairosError without a URL."""
    if not settings.reranker_url:
        raise KairosError("reranker_url", "KAIROS_RERANKER=remote needs KAIROS_RERANKER_URL.")
    model = settings.reranker_model or ""
    return RemoteReranker(
        name=f"remote:{model}".rstrip(":"),
        url=settings.reranker_url.rstrip("/") + "/rerank",
        model=model,
        client=connect(settings.reranker_key),
        seconds=settings.reranker_seconds,
    )


def scores_of(answer: Any, count: int, source: str) -> list[float]:
    """The scores in the order of the documents; KairosError unless there is a finite one for each.

    Cohere, Jina and vLLM name the list `results` and the score `relevance_score`; SGLang gives the bare list, `score`.
    """
    try:
        rows = answer["results"] if isinstance(answer, dict) else answer
        found = {int(row["index"]): float(row.get("relevance_score", row.get("score"))) for row in rows}
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise KairosError("reranker_answer", f"{source} gave an answer without scores.") from error
    if len(rows) != count or found.keys() != set(range(count)):
        raise KairosError("reranker_answer", f"{source} gave {len(rows)} scores for {count} passages.")
    if not all(map(math.isfinite, found.values())):
        raise KairosError("reranker_answer", f"{source} gave a score that is not a finite number.")
    return [found[place] for place in range(count)]


def _content(response: httpx.Response, source: str) -> Any:
    status = response.status_code
    if status in (401, 403):
        sentence = f"{source} refused the key ({status}): check KAIROS_RERANKER_KEY."
        raise KairosError("reranker_key", sentence)
    if not response.is_success:
        code = "reranker_unavailable" if status >= 500 or status in (408, 429) else "reranker_refused"
        raise KairosError(code, f"{source} answered {status}.")
    try:
        return response.json()
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise KairosError("reranker_answer", f"{source} gave an answer that is not JSON.") from error


def _text(reading: Reading) -> str:
    above = " > ".join(dict.fromkeys((reading.title, *reading.headings)))
    return f"{above}\n{reading.text}"


def _below(rest: Sequence[Ranked], least: float) -> list[Ranked]:
    """Candidates that were not sent, their scores moved below the least of those that were."""
    return [replace(one, score=least + one.score - rest[0].score) for one in rest]
