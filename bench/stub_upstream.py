"""An upstream that is not the limit: fixed chat completions, plain and streamed, on one event loop.

python -m bench.stub_upstream --port N [--between SECONDS]
"""

import argparse
import asyncio
import json
from typing import Any, cast

import httptools
import uvloop

MODEL = "bench-model"
INPUT_TOKENS, PIECES = 100, 20
TEXT = "word " * PIECES
USAGE = {"prompt_tokens": INPUT_TOKENS, "completion_tokens": PIECES, "total_tokens": INPUT_TOKENS + PIECES}


def _object(kind: str, choices: list[dict[str, Any]], **more: object) -> bytes:
    fixed = {"id": "chatcmpl-1", "object": kind, "created": 1, "model": MODEL, "choices": choices}
    return json.dumps(fixed | more).encode()


def _plain(body: bytes) -> bytes:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _piece(delta: dict[str, str], finish: str | None = None) -> bytes:
    return _event(_object("chat.completion.chunk", [{"index": 0, "delta": delta, "finish_reason": finish}]))


def _event(data: bytes) -> bytes:
    event = b"data: " + data + b"\n\n"
    return b"%x\r\n%b\r\n" % (len(event), event)


MESSAGE = {"index": 0, "message": {"role": "assistant", "content": TEXT}, "finish_reason": "stop"}
ANSWER = _plain(_object("chat.completion", [MESSAGE], usage=USAGE))
MODELS = _plain(json.dumps({"object": "list", "data": [{"id": MODEL, "object": "model"}]}).encode())
MISSING = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
STREAM = [
    HEAD + _piece({"role": "assistant", "content": ""}) + _piece({"content": "word "}),
    *[_piece({"content": "word "})] * (PIECES - 1),
    _piece({}, "stop")
    + _event(_object("chat.completion.chunk", [], usage=USAGE))
    + _event(b"[DONE]")
    + b"0\r\n\r\n",
]


class Connection(asyncio.Protocol):
    """One kept-alive HTTP/1.1 connection; the pieces of a stream are `between` seconds apart."""

    def __init__(self, between: float) -> None:
        self._between = between
        self._loop = asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._path, self._body = b"", b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the way back."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Parse what came."""
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        """A request begins."""
        self._path, self._body = url, b""

    def on_body(self, body: bytes) -> None:
        """A part of a request's body."""
        self._body += body

    def on_message_complete(self) -> None:
        """Answer."""
        if self._path == b"/v1/models":
            self._transport.write(MODELS)
        elif not self._path.endswith(b"/chat/completions"):
            self._transport.write(MISSING)
        elif b'"stream":true' in self._body.replace(b" ", b""):
            self._next(0)
        else:
            self._transport.write(ANSWER)

    def _next(self, number: int) -> None:
        if number == len(STREAM) or self._transport.is_closing():
            return
        self._transport.write(STREAM[number])
        self._loop.call_later(self._between, self._next, number + 1)


async def serve(port: int, between: float) -> None:
    """Serve on the loopback interface until killed."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(between), "127.0.0.1", port, backlog=1024)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--between", type=float, default=0.005)
    options = parser.parse_args()
    uvloop.run(serve(options.port, options.between))
