"""An address on this machine to which a browser is sent back, once (RFC 8252, 7.3)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from state.errors import KairosError

PATH = "/callback"
LARGEST, READ_S = 16_384, 10.0
SAID = b"Thank you. Go back to the terminal; you may close this page.\n"


@dataclass(frozen=True, slots=True)
class Loopback:
    """uri: where to send the browser; given: the parameters with which it comes."""

    uri: str
    given: asyncio.Future[dict[str, str]]


@asynccontextmanager
async def listening(port: int) -> AsyncIterator[Loopback]:
    """Within, one browser is waited for. port: 0 for any that is free. Raises KairosError port_taken."""
    given: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(READ_S):
                found = _parameters(await reader.readuntil(b"\r\n\r\n"), host)
                if found is not None and not given.done():
                    given.set_result(found)
                writer.write(_response(found is not None))
                await writer.drain()
        writer.close()

    try:
        server = await asyncio.start_server(answer, "127.0.0.1", port, limit=LARGEST)
    except OSError:
        raise KairosError("port_taken", f"The port {port} is used by another program.") from None
    host = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield Loopback(f"http://{host}{PATH}", given)
    finally:
        server.close()
        given.cancel()


def _parameters(head: bytes, host: str) -> dict[str, str] | None:
    """Those of a request for our address, by its own name: another name for it is a trick (DNS rebinding)."""
    first, *lines = head.decode("latin-1").split("\r\n")
    method, _, target = first.rpartition(" ")[0].partition(" ")
    hosts = [line.partition(":")[2].strip() for line in lines if line.lower().startswith("host:")]
    if method != "GET" or hosts != [host] or urlsplit(target).path != PATH:
        return None
    return dict(parse_qsl(urlsplit(target).query))


def _response(ours: bool) -> bytes:
    status, body = (b"200 OK", SAID) if ours else (b"404 Not Found", b"")
    head = b"HTTP/1.1 %b\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n" % (status, len(body))
    return (
        head + b"Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n" + body
    )
