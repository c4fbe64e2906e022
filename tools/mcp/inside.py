"""The text in pictures and files of a result, read by the parsers of ingestion in their bounded worker processes."""

import asyncio
import base64
import binascii
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from state.errors import KairosError
from state.settings import settings
from tools.mcp.faults import said
from tools.mcp.kinds import kinds
from tools.workers import Limits, Part, read_parts

MOST_FILES = 5
"""Of one result that are read."""
SECONDS, SECONDS_EACH = 20.0, 10.0
LARGEST_MB = 20
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class Inside:
    """text: what was read; why: what a reader should know where nothing was."""

    text: str = ""
    why: str = ""


UNREAD = Inside()


@dataclass(frozen=True, slots=True)
class _File:
    """name: in sentences about it, and of a text its ending says which kind it is."""

    name: str
    kinds: Sequence[str]
    data: str


async def read_inside(
    content: Sequence[Mapping[str, Any]], most: int, seconds: float = SECONDS
) -> dict[int, Inside]:
    """What is in which part of `content`; one that cannot be read says why.

    most: characters of all texts together, after which no more files are read. seconds: for all of them.
    """
    until = asyncio.get_running_loop().time() + min(seconds, SECONDS)
    found: dict[int, Inside] = {}
    for place, part in enumerate(content):
        if (file := _file(part)) is None:
            continue
        if len(found) >= MOST_FILES:
            found[place] = Inside(why=f"it was not read, as {MOST_FILES} others were")
        elif sum(len(one.text) for one in found.values()) >= most:
            found[place] = Inside(why="it was not read, as there is enough text before it")
        else:
            found[place] = await _read(file, until)
    return found


def size(data: object) -> int:
    """Bytes that base64 stands for."""
    return len(data) * 3 // 4 - data[-2:].count("=") if isinstance(data, str) else 0


def _file(part: Mapping[str, Any]) -> _File | None:
    """What can be read of a part; None where there is nothing."""
    resource = part.get("resource")
    if part.get("type") == "image":
        name, media_type, data = "", part.get("mimeType"), part.get("data")
    elif isinstance(resource, Mapping):
        name, media_type, data = _name(resource.get("uri")), resource.get("mimeType"), resource.get("blob")
    else:
        return None
    allowed = kinds(media_type)
    return _File(name or "it", allowed, data) if allowed and isinstance(data, str) else None


def _name(uri: object) -> str:
    last = str(uri).partition("?")[0].partition("#")[0].rpartition("/")[2]
    return said(last)[-_LONGEST_NAME:]


async def _read(file: _File, until: float) -> Inside:
    limits = Limits(
        seconds=SECONDS_EACH,
        memory_mb=settings().parse_memory_mb,
        file_mb=LARGEST_MB,
        unpacked_mb=5 * LARGEST_MB,
        members=20,
        text_mb=2,
        depth=1,
        kinds=tuple(file.kinds),
    )
    try:
        async with asyncio.timeout_at(until):
            return _told(await read_parts(file.name, await _decoded(file), limits))
    except TimeoutError:
        return _unread("there is no time left")
    except KairosError as error:
        return _unread(error.sentence)


async def _decoded(file: _File) -> bytes:
    """Raises KairosError file_too_large or file_corrupt."""
    if size(file.data) > LARGEST_MB * 2**20:
        raise KairosError("file_too_large", f"at most {LARGEST_MB} MB are read")
    try:
        return await asyncio.to_thread(base64.b64decode, file.data, validate=True)
    except (binascii.Error, ValueError):
        raise KairosError("file_corrupt", "it is no base64") from None


def _told(parts: Sequence[Part]) -> Inside:
    texts = [part.document.text for part in parts if part.document]
    if texts:
        return Inside("\n\n".join(texts))
    if parts[0].code in ("file_no_text", "file_empty"):
        return Inside(why="there is no text in it")
    return _unread(parts[0].cause)


def _unread(cause: str) -> Inside:
    return Inside(why=f"it could not be read: {said(cause).rstrip('.')}")
