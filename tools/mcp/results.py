"""What a tool gave, as text for models and people: pictures and files are named, and nothing is too long."""

from collections.abc import Mapping
from typing import Any

from tools.mcp.faults import said
from tools.tool import Result

PAGING = ("cursor", "offset", "page", "start", "limit", "page_size", "per_page", "max_results")
"""Arguments by which tools usually give the rest."""


def result_of(given: Mapping[str, Any], parameters: Mapping[str, Any], most: int) -> Result:
    """`given`: a CallToolResult in the protocol's names. most: characters, of the text and of its JSON."""
    import orjson

    structured = given.get("structuredContent")
    parts = [_text(part) for part in given.get("content") or ()]
    form = b"" if structured is None else orjson.dumps(structured)
    text = "\n".join(part for part in parts if part) or form.decode()
    large = len(text) > most or len(form) > most
    return Result(
        text if len(text) <= most else f"{text[:most]}\n{_note(len(text), parameters)}",
        structured if len(form) <= most else None,
        is_error=bool(given.get("isError")),
        truncated=large,
    )


def _text(part: Mapping[str, Any]) -> str:
    kind = part.get("type")
    if kind == "text":
        return str(part["text"])
    if kind in ("image", "audio"):
        return f"[{kind} {said(str(part.get('mimeType')))}, {_bytes(part.get('data')):,} bytes]"
    if kind == "resource_link":
        return f"[resource {said(str(part.get('name')))}: {said(str(part.get('uri')))}]"
    resource = part.get("resource")
    if not isinstance(resource, Mapping):
        return ""
    where = said(str(resource.get("uri")))
    if "text" in resource:
        return f"[resource {where}]\n{resource['text']}"
    return f"[resource {where}, {_bytes(resource.get('blob')):,} bytes]"


def _bytes(base64: object) -> int:
    return len(base64) * 3 // 4 if isinstance(base64, str) else 0


def _note(characters: int, parameters: Mapping[str, Any]) -> str:
    there = [name for name in PAGING if name in parameters.get("properties", {})]
    how = f"the rest may be had by {', '.join(there)}" if there else "ask for less to see all of it"
    return f"[cut off: {characters:,} characters in all; {how}]"
