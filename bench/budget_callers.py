"""The upstreams and the callers of bench.budget: what the models' provider would bill, and how the callers behave."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import httpx

from bench.load_client import MESSAGES
from bench.served import Server
from tests.fixtures.model_server import Reply

TEXT = "word " * 20
USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
CHEAP_USD, DEAR_USD = 0.00014, 0.0014
"""Of one call: 100 tokens read and 20 written, at the prices in gateway_own and gateway_peers."""
REFUSALS = 3
"""After so many in a row a caller takes the budget for spent."""
TIMEOUT_S = 60.0
KINDS = {"plain": 0.5, "stream": 0.3, "disconnect": 0.2}


class Bill:
    """What a provider bills: each answer of status 200 in full, whether or not it was read to its end."""

    def __init__(self) -> None:
        self.answers = 0

    def text(self, body: dict[str, Any]) -> str:
        """The answer, counted."""
        self.answers += 1
        return TEXT

    def script(self, *, faulty: bool) -> list[Reply]:
        """Answers; a `faulty` upstream fails a tenth, and cuts a tenth short."""
        whole = Reply(self.text, usage=USAGE, between=0.002)
        if not faulty:
            return [whole]
        failed = Reply("overloaded", status=500)
        cut = Reply(self.text, usage=USAGE, fault="cut")
        return random.Random(0).choices([whole, failed, cut], [8, 1, 1], k=5000)  # noqa: S311


async def call_until_spent(servers: Sequence[Server], callers: int, most: int) -> Counter[str]:
    """What became of the calls of all callers, by kind and outcome; `most` calls in all."""
    left: list[None] = [None] * most
    outcomes: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=callers)
    async with (
        httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as client,
        asyncio.TaskGroup() as group,
    ):
        for number in range(callers):
            server = servers[number % len(servers)]
            group.create_task(_caller(client, server, random.Random(number), left, outcomes))  # noqa: S311
    return outcomes


async def _caller(
    client: httpx.AsyncClient, server: Server, chance: random.Random, left: list[None], outcomes: Counter[str]
) -> None:
    refused = 0
    while left and refused < REFUSALS:
        left.pop()
        kind = chance.choices(list(KINDS), list(KINDS.values()))[0]
        outcome = await _call(client, server, kind)
        refused = refused + 1 if outcome == "refused" else 0
        outcomes[f"{kind}: {outcome}"] += 1


async def _call(client: httpx.AsyncClient, server: Server, kind: str) -> str:
    body: dict[str, Any] = {"model": server.model, "messages": MESSAGES, "max_tokens": 20}
    if kind != "plain":
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    url = f"http://127.0.0.1:{server.port}/v1/chat/completions"
    try:
        async with client.stream("POST", url, json=body, headers=dict(server.headers)) as response:
            if response.status_code != 200:
                return _refusal(response.status_code, (await response.aread()).decode(errors="replace"))
            if kind == "disconnect":
                with suppress(StopAsyncIteration):
                    await anext(response.aiter_raw())
                return "left"
            text = (await response.aread()).decode(errors="replace")
    except httpx.TransportError as error:
        return type(error).__name__
    return "whole" if "[DONE]" in text or kind == "plain" else "cut"


def _refusal(status: int, text: str) -> str:
    spent = status in (400, 402, 403, 422, 429) and "budget" in text.lower()
    return "refused" if spent else f"status {status}"
