"""Documents as resources: listed for the caller page by page, read whole or as the span that a citation names."""

from typing import Any

from mcp.server.context import CallNext, HandlerResult, ServerRequestContext
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, ListResourcesResult, Resource

from mcp_servers.callers import Call, Serving, asker, asker_of
from mcp_servers.cursors import after, cursor
from mcp_servers.explaining import found
from mcp_servers.knowledge import reading
from state.errors import KairosError
from state.postgres import visible

PAGE = 100
"""Resources of one page."""


@found
async def document(call: Call, document_id: int) -> str:
    """The text of a document that you may see."""
    return await reading.whole(asker(call), document_id)


@found
async def part(call: Call, document_id: int, start: int, end: int) -> str:
    """The characters of a document from `start` up to `end`, which is excluded."""
    if not 0 <= start <= end:
        raise KairosError("span_unknown", "A span ends after it starts.")
    return (await reading.span(asker(call), document_id, None, start, end - start, None)).text


async def listing(ctx: ServerRequestContext[Serving, Any], call_next: CallNext) -> HandlerResult:
    """Middleware: `resources/list` gives the caller's documents (MCPServer lists the same ones to everybody)."""
    if ctx.method != "resources/list":
        return await call_next(ctx)
    given = (ctx.params or {}).get("cursor")
    try:
        start = after(given if isinstance(given, str) else None)
    except KairosError as error:
        raise MCPError(code=INVALID_PARAMS, message=error.sentence) from error
    rows = await visible.documents(asker_of(ctx), None, start, PAGE + 1)
    last = cursor(rows[PAGE - 1]["id"]) if len(rows) > PAGE else None
    return ListResourcesResult(resources=[_resource(row) for row in rows[:PAGE]], next_cursor=last)


def _resource(row: dict[str, Any]) -> Resource:
    return Resource(
        uri=reading.uri(row["id"]),
        name=row["path"],
        title=row["title"],
        description=f"In {row['collection']}, version {row['version']}.",
        mime_type="text/plain",
    )
