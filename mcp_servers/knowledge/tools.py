"""The tools: all of them read, as the caller."""

from typing import Annotated

from pydantic import Field

from mcp_servers.callers import Call, asker
from mcp_servers.cursors import after, cursor
from mcp_servers.explaining import explained
from mcp_servers.knowledge import reading
from mcp_servers.knowledge.schemas import Collection, Collections, Documents, Found, Listed, Passage, Span
from state.errors import KairosError
from state.filters import Filters
from state.passages import PassageData
from state.postgres import visible

Pages = Annotated[int | None, Field(ge=1, description="From 1; only documents with pages have them.")]


@explained
async def search(
    call: Call,
    query: Annotated[str, Field(description="What to look for: a question, or words.")],
    limit: Annotated[int, Field(ge=1, le=50, description="The most passages.")] = 8,
    collections: Annotated[list[str], Field(description="Only in these; none: in all.")] = [],  # noqa: B006
    languages: Annotated[list[str], Field(description="Only these, such as en; none: all.")] = [],  # noqa: B006
) -> Found:
    """Find the passages nearest to a text, in the documents that you may see.

    Raises KairosError as search and `check_question` do.
    """
    from tools.guard.question import check_question
    from tools.query.plan import plan
    from tools.rerank.chosen import chosen
    from tools.rerank.rank import rerank
    from tools.retrieval import find_planned

    if refusal := check_question(query):
        raise KairosError(refusal["code"], refusal["sentence"])
    identity = asker(call)
    filters = Filters(collections=tuple(collections), languages=tuple(languages))
    candidates, planned = await find_planned(identity, await plan(identity, query), filters)
    ranked = await rerank(
        identity, planned["standalone"], candidates, limit, reranker=chosen(), filters=filters
    )
    return Found(passages=[_passage(one) for one in ranked], understood=planned["why"])


@explained
async def read_document(
    call: Call,
    document_id: Annotated[int, Field(ge=1, lt=2**63, description="From search or list_documents.")],
    start: Annotated[int, Field(ge=0, description="The first character.")] = 0,
    length: Annotated[int, Field(ge=1, le=50_000, description="The most characters.")] = 10_000,
    first_page: Pages = None,
    last_page: Pages = None,
    version: Annotated[int | None, Field(ge=1, lt=2**31, description="An older one, if it is kept.")] = None,
) -> Span:
    """Read a document, or a part of it by characters or by pages; `next_start` says where to read on.

    Raises KairosError document_unknown, pages_unknown, span_unknown.
    """
    pages = None
    if first_page is not None or last_page is not None:
        pages = (first_page or last_page or 1, last_page or first_page or 1)
    return await reading.span(asker(call), document_id, version, start, length, pages)


@explained
async def list_collections(call: Call) -> Collections:
    """List the collections that hold documents which you may see."""
    rows = await visible.collections(asker(call))
    return Collections(collections=[Collection(**row) for row in rows])


@explained
async def list_documents(
    call: Call,
    collection: Annotated[str | None, Field(description="Only of this one.")] = None,
    limit: Annotated[int, Field(ge=1, le=200, description="The most of one page.")] = 50,
    cursor: Annotated[str | None, Field(description="`next_cursor` of the page before.")] = None,
) -> Documents:
    """List the documents that you may see, page by page. Raises KairosError cursor_invalid."""
    rows = await visible.documents(asker(call), collection, after(cursor), limit + 1)
    return Documents(documents=[listed(row) for row in rows[:limit]], next_cursor=_next(rows, limit))


def listed(row: dict[str, object]) -> Listed:
    """A row of `visible.documents`."""
    known = {name: row[name] for name in Listed.model_fields if name in row}
    return Listed.model_validate(
        known | {"document_id": row["id"], "document": row["path"], "uri": reading.uri(int(str(row["id"])))}
    )


def _next(rows: list[dict[str, object]], limit: int) -> str | None:
    return cursor(int(str(rows[limit - 1]["id"]))) if len(rows) > limit else None


def _passage(one: PassageData) -> Passage:
    place = reading.uri(one["document_id"], one["start"], one["start"] + len(one["text"]))
    return Passage(**{name: one[name] for name in Passage.model_fields if name != "uri"}, uri=place)  # type: ignore[literal-required]
