"""A closed loop of HTTP/1.1 clients, each on one kept-alive connection, that costs little beside what it measures."""

import asyncio
import json
import statistics
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import httptools

START_S = 30.0
SLOWEST = 20
"""Calls a second below which a run is given up."""
MESSAGES = [{"role": "user", "content": "How many days of leave does a new colleague have? " * 8}]


@dataclass
class Result:
    """Seconds of each call and until each stream's first text; what failed, by kind."""

    seconds: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    took: float = 0.0

    def summary(self) -> dict[str, Any]:
        """Milliseconds at the 50th, 95th and 99th percentile, calls a second, first text of streams, errors."""
        row: dict[str, Any] = {"calls": len(self.seconds), "per_second": len(self.seconds) / self.took}
        row |= {f"{name}_ms": value for name, value in _percentiles(self.seconds).items()}
        row |= {f"first_{name}_ms": value for name, value in _percentiles(self.first).items()}
        return row | {"errors": dict(self.errors)}


def _percentiles(seconds: list[float]) -> dict[str, float]:
    if len(seconds) < 2:
        return {}
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return {f"p{cut}": cuts[cut - 1] * 1000 for cut in (50, 95, 99)}


def request(port: int, model: str, headers: Mapping[str, str], *, stream: bool) -> bytes:
    """The bytes of one call of /v1/chat/completions."""
    body: dict[str, Any] = {"model": model, "messages": MESSAGES, "max_tokens": 64}
    if stream:
        body |= {"stream": True, "stream_options": {"include_usage": True}}
    payload = json.dumps(body).encode()
    lines = [
        "POST /v1/chat/completions HTTP/1.1",
        f"host: 127.0.0.1:{port}",
        "content-type: application/json",
        f"content-length: {len(payload)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + payload


class _Client(asyncio.Protocol):
    """Sends the next call as soon as an answer is complete, while `left` holds any."""

    def __init__(self, call: bytes, left: list[None], result: Result) -> None:
        self._call, self._left, self._result = call, left, result
        self._stream = b'"stream": true' in call
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._busy = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._parser = httptools.HttpResponseParser(self)
        self._next()

    def _next(self) -> None:
        if not self._left:
            self._finish()
            return
        self._left.pop()
        self._body, self._first, self._busy = b"", 0.0, True
        self._started = time.perf_counter()
        self._transport.write(self._call)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._body += body
        if self._stream and not self._first and b"word" in self._body:
            self._first = time.perf_counter()

    def on_message_complete(self) -> None:
        ended, self._busy = time.perf_counter(), False
        wrong = self._wrong()
        if wrong:
            self._result.errors[wrong] += 1
        else:
            self._result.seconds.append(ended - self._started)
            if self._stream:
                self._result.first.append(self._first - self._started)
        if self._parser.should_keep_alive():
            self._next()
        else:
            self._finish()

    def _wrong(self) -> str:
        status = self._parser.get_status_code()
        if status != 200:
            return f"status {status}"
        complete = self._body.count(b"word") >= 20 and (not self._stream or b"[DONE]" in self._body)
        return "" if complete else "incomplete"

    def connection_lost(self, exc: Exception | None) -> None:
        if self._busy:
            self._result.errors["connection lost"] += 1
        self._finish()

    def _finish(self) -> None:
        self._transport.close()
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, call: bytes, clients: int, calls: int) -> Result:
    """`calls` calls by `clients` clients; a client whose connection is closed opens the next one."""
    left: list[None] = [None] * calls
    result = Result()
    started = time.perf_counter()
    async with asyncio.timeout(START_S + calls / SLOWEST), asyncio.TaskGroup() as group:
        for _ in range(min(clients, calls)):
            group.create_task(_client(port, call, left, result))
    result.took = time.perf_counter() - started
    return result


async def _client(port: int, call: bytes, left: list[None], result: Result) -> None:
    loop = asyncio.get_running_loop()
    while left:
        try:
            _, client = await loop.create_connection(lambda: _Client(call, left, result), "127.0.0.1", port)
        except OSError:
            left.pop()
            result.errors["not reached"] += 1
            continue
        await client.done
