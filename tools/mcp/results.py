"""What a tool gave, as text for models and people: pictures and files are named, with the text that was read in them,
and nothing is too long.
"""

import time
from collections.abc import Mapping
from typing import Any

from tools.mcp.faults import said
from tools.mcp.inside import UNREAD, Inside, read_inside, size
from tools.tool import Result

PAGING = ("cursor", "offset", "page", "start", "limit", "page_size", "per_page", "max_results")
"""Arguments by which tools usually give the rest."""
LONGEST_S = 57.0
"""For a call and what it gave: at a minute (`tools.acting.once`) nobody could tell any more that the call was made."""


async def read_result(
    given: Mapping[str, Any], parameters: Mapping[str, Any], most: int, began: float, offset: int = 0
) -> Result:
    """As `result_of`, with the text in its pictures and files. began: the call, by the monotonic clock."""
    left = LONGEST_S - (time.monotonic() - began)
    inside = await read_inside(given.get("content") or (), offset + most, left)
    return result_of(given, parameters, most, inside, offset)


def result_of(
    given: Mapping[str, Any],
    parameters: Mapping[str, Any],
    most: int,
    inside: Mapping[int, Inside] | None = None,
    offset: int = 0,
) -> Result:
    """`given`: a CallToolResult in the protocol's names. most: characters, of the text and of its JSON.

    inside: what was read in which part of the content. offset: characters of the text that are passed over.
    """
    import orjson

    structured = given.get("structuredContent")
    content, read = given.get("content") or (), inside or {}
    parts = [_text(part, read.get(place, UNREAD)) for place, part in enumerate(content)]
    form = b"" if structured is None else orjson.dumps(structured)
    whole = "\n".join(part for part in parts if part) or form.decode()
    text = whole[offset:]
    large = len(text) > most or len(form) > most
    return Result(
        text if len(text) <= most else f"{text[:most]}\n{_note(len(whole), parameters)}",
        structured if len(form) <= most else None,
        is_error=bool(given.get("isError")),
        truncated=large,
    )


def _text(part: Mapping[str, Any], inside: Inside) -> str:
    kind = part.get("type")
    if kind == "text":
        return str(part["text"])
    if kind in ("image", "audio"):
        media_type = said(str(part.get("mimeType")))
        return _named(f"{kind} {media_type}, {size(part.get('data')):,} bytes", inside)
    if kind == "resource_link":
        return f"[resource {said(str(part.get('name')))}: {said(str(part.get('uri')))}]"
    resource = part.get("resource")
    if not isinstance(resource, Mapping):
        return ""
    where = said(str(resource.get("uri")))
    if "text" in resource:
        return f"[resource {where}]\n{resource['text']}"
    return _named(f"resource {where}, {size(resource.get('blob')):,} bytes", inside)


def _named(part: str, inside: Inside) -> str:
    line = f"[{part}: {inside.why}]" if inside.why else f"[{part}]"
    return f"{line}\n{inside.text}" if inside.text else line


def _note(characters: int, parameters: Mapping[str, Any]) -> str:
    there = [name for name in PAGING if name in parameters.get("properties", {})]
    how = f"the rest may be had by {', '.join(there)}" if there else "ask for less to see all of it"
    return f"[cut off: {characters:,} characters in all; {how}]"
