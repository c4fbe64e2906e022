"""Messages over a stream socket: four bytes of length, big endian, and the content."""

import asyncio
import socket
from typing import Protocol

BEGUN, PART, END = b"b", b"p", b"e"
"""First byte of what a worker says: a member is begun (its path), a part (JSON), the end (MB in memory)."""

_LENGTH = 4
_PIECE = 2**20


class Stream(Protocol):
    """A blocking stream of bytes with a buffer."""

    def read(self, size: int, /) -> bytes: ...

    def write(self, content: bytes, /) -> int: ...

    def flush(self) -> None: ...


def write_frame(stream: Stream, content: bytes) -> None:
    """Send a message at once."""
    stream.write(len(content).to_bytes(_LENGTH, "big"))
    stream.write(content)
    stream.flush()


def read_frame(stream: Stream) -> bytes | None:
    """The next message; None at the end of the stream."""
    head = stream.read(_LENGTH)
    size = int.from_bytes(head, "big")
    content = stream.read(size)
    return content if len(head) == _LENGTH and len(content) == size else None


async def send_frame(connection: socket.socket, content: bytes) -> None:
    """As `write_frame`, without blocking and on whichever event loop runs. Raises OSError if nobody reads."""
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(connection, len(content).to_bytes(_LENGTH, "big"))
    await loop.sock_sendall(connection, memoryview(content))


async def receive_frame(connection: socket.socket, most: int | None = None) -> bytes | None:
    """As `read_frame`, without blocking and on whichever event loop runs; None too if it has more than `most` bytes."""
    head = await _exactly(connection, _LENGTH)
    size = int.from_bytes(head or b"", "big")
    return None if head is None or (most is not None and size > most) else await _exactly(connection, size)


async def _exactly(connection: socket.socket, size: int) -> bytes | None:
    loop = asyncio.get_running_loop()
    content = bytearray()
    while len(content) < size:
        try:
            piece = await loop.sock_recv(connection, min(size - len(content), _PIECE))
        except ConnectionError:
            return None
        if not piece:
            return None
        content += piece
    return bytes(content)
