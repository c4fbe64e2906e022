"""One deployment is asked, in the protocol that it speaks."""

from collections.abc import AsyncGenerator

from tools.models.call import Call
from tools.models.entry import OPENAI_PROTOCOL, Entry
from tools.models.resources import Door
from tools.models.sse import Chunk


async def whole(door: Door, entry: Entry, call: Call) -> bytes:
    """The whole answer. Raises UpstreamError."""
    if entry.provider in OPENAI_PROTOCOL:
        return await door.upstream.whole(entry, call.path, call.bytes_for(entry))
    from tools.models.translated import whole

    return await whole(await door.client(entry), entry, call.body_for(entry))


async def events(door: Door, entry: Entry, call: Call) -> AsyncGenerator[Chunk, None]:
    """The answer as it comes; nothing is asked before the first event is. Raises UpstreamError."""
    if entry.provider in OPENAI_PROTOCOL:
        return door.upstream.stream(entry, call.path, call.bytes_for(entry))
    from tools.models.translated import stream

    return stream(await door.client(entry), entry, call.body_for(entry))
