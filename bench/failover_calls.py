"""The upstreams and the calls of bench.failover: whole answers, plain and streamed, and what became of them."""

import asyncio
import itertools
import json
import statistics
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bench.load_client import MESSAGES
from bench.served import Server
from tests.fixtures.model_server import Reply

TEXT = " ".join(f"word{number}" for number in range(40))
"""No part of it is like another one, so that a doubled or a lost piece shows."""
TIMEOUT_S = 30.0
_turns = itertools.count()


def answer(body: dict[str, Any]) -> str:
    """The answer; where a part of it was sent, every second time the rest of it alone, else all of it again."""
    sent = next((m["content"] for m in body["messages"] if m["role"] == "assistant"), "")
    return TEXT.removeprefix(sent) if next(_turns) % 2 else TEXT


WELL = Reply(answer)
FAULTS = {
    "none": WELL,
    "429 storm": Reply("slow down", status=429),
    "429 storm, Retry-After 2": Reply("slow down", status=429, headers={"retry-after": "2"}),
    "500s": Reply("overloaded", status=500),
    "hang": Reply(fault="hang"),
    "reset": Reply(fault="reset"),
    "cut stream": Reply(answer, fault="cut"),
    "slow first token": Reply(answer, latency=3.0),
}


@dataclass
class Outcomes:
    """Seconds of every call, and what failed, by kind; `by`: the deployments that began the answers."""

    seconds: list[float] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    by: Counter[str] = field(default_factory=Counter)

    def row(self) -> dict[str, Any]:
        """Percent of failed calls, milliseconds at the 50th and 95th percentile and of the slowest call."""
        cuts = statistics.quantiles(self.seconds, n=100, method="inclusive")
        calls, failed = len(self.seconds), self.failed.total()
        row = {"calls": calls, "failed_%": 100 * failed / calls}
        return row | {
            "p50_ms": cuts[49] * 1000,
            "p95_ms": cuts[94] * 1000,
            "max_ms": max(self.seconds) * 1000,
        }


class Callers:
    """Calls of the gateway over one pool of connections."""

    def __init__(self, session: aiohttp.ClientSession, server: Server) -> None:
        self._session, self._headers = session, dict(server.headers)
        self._url = f"http://127.0.0.1:{server.port}/v1/chat/completions"

    async def run(self, clients: int, calls: int, model: str, pause: float = 0.0) -> Outcomes:
        """`calls` calls by `clients` clients, half of them streamed; each client waits `pause` s after a call."""
        outcomes, left = Outcomes(), iter(range(calls))

        async def client() -> None:
            for number in left:
                await self.call(model, outcomes, stream=bool(number % 2))
                await asyncio.sleep(pause)

        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(client())
        return outcomes

    async def call(self, model: str, outcomes: Outcomes, *, stream: bool) -> None:
        """One call; right is only the whole text, exactly once."""
        body = {"model": model, "messages": MESSAGES, "max_tokens": 200, "stream": stream}
        started = time.perf_counter()
        try:
            async with self._session.post(self._url, json=body, headers=self._headers) as response:
                data = await response.read()
            outcomes.by[response.headers.get("x-kairos-deployment", "")] += 1
            wrong = f"status {response.status}" if response.status != 200 else _wrong(data, stream=stream)
        except (aiohttp.ClientError, TimeoutError) as error:
            wrong = type(error).__name__
        outcomes.seconds.append(time.perf_counter() - started)
        if wrong:
            outcomes.failed[wrong] += 1


def _wrong(data: bytes, *, stream: bool) -> str:
    if not stream:
        return "" if json.loads(data)["choices"][0]["message"]["content"] == TEXT else "wrong text"
    events = [line.removeprefix(b"data: ") for line in data.split(b"\n") if line]
    if events.count(b"[DONE]") != 1 or events[-1] != b"[DONE]":
        return "no end"
    chunks = [json.loads(event) for event in events[:-1]]
    if any("error" in chunk for chunk in chunks):
        return "ended by an error"
    text = "".join(choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    return "" if text == TEXT else "wrong text"
