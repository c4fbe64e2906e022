"""Documents as text: a part by characters or by pages."""

from bisect import bisect_right
from collections.abc import Mapping
from typing import Any

from mcp_servers.knowledge.schemas import Span
from state.errors import KairosError
from state.identity import Identity
from state.postgres import documents

LARGEST = 1_000_000
"""Characters of a resource; longer documents are read in parts."""


def uri(document: int, start: int | None = None, end: int | None = None) -> str:
    """The resource that is a document, or a span of it."""
    whole = f"kairos://documents/{document}"
    return whole if start is None or end is None else f"{whole}/{start}/{end}"


async def whole(identity: Identity, document: int) -> str:
    """A document's text. Raises KairosError document_unknown, document_too_long."""
    row = await documents.read(identity, document)
    if len(row["text"]) > LARGEST:
        said = f"{row['title']} has {len(row['text']):,} characters: read parts of it with read_document."
        raise KairosError("document_too_long", said)
    return str(row["text"])


async def span(
    identity: Identity,
    document: int,
    version: int | None,
    start: int,
    length: int,
    pages: tuple[int, int] | None,
) -> Span:
    """At most `length` characters from `start` on, or from the first page up to the end of the last.

    Raises KairosError document_unknown, pages_unknown, span_unknown.
    """
    row = await documents.read(identity, document, version)
    begin, stop = (start, len(row["text"])) if pages is None else _of_pages(row, *pages)
    begin = max(begin, start) if pages else begin
    if begin > len(row["text"]):
        raise KairosError("span_unknown", f"The document has {len(row['text']):,} characters.")
    end = min(begin + length, stop)
    return Span(
        document_id=row["id"],
        document=row["path"],
        **{name: row[name] for name in ("title", "version", "newest", "media_type", "pages")},
        url=row["uri"] if row["uri"].startswith(("http://", "https://")) else None,
        page=bisect_right(row["page_starts"], begin) or None,
        text=row["text"][begin:end],
        start=begin,
        end=end,
        characters=len(row["text"]),
        next_start=end if end < stop else None,
    )


def _of_pages(row: Mapping[str, Any], first: int, last: int) -> tuple[int, int]:
    starts = [*row["page_starts"], len(row["text"])]
    if not 1 <= first <= last < len(starts):
        known = f"pages 1 to {len(starts) - 1}" if len(starts) > 1 else "no pages"
        raise KairosError("pages_unknown", f"This document has {known}.")
    return starts[first - 1], starts[last]
