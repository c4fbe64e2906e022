"""Put what was read into Postgres, a batch in one transaction, and say what became of each file."""

from collections.abc import Sequence
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import BatchState, Outcome
from state.postgres import collections, files, ingest_runs
from state.postgres.collections import Collection
from state.postgres.documents import DocumentRow, FileRow, Stored, store
from tools.index import claim_index
from tools.query.acronyms import short_forms
from tools.work import Text, Work


async def store_files(state: BatchState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Store documents, note failures. A database that is gone ends the run, not the file."""
    if not state["work"]:
        return {"read": 0}
    identity = asker(runtime)
    collection = await collections.ensure(identity, state["collection"])
    async with ingest_runs.holding(collection, state["run"]):
        await claim_index()
        for outcome in await _settle(identity, collection, state["run"], state["work"]):
            runtime.stream_writer({"event": "document", **outcome})
    return {"read": len(state["work"])}


async def _settle(
    identity: Identity, collection: Collection, run: int, work: Sequence[Work]
) -> list[Outcome]:
    read = [file for file in work if not (file.failure or file.same)]
    stored = await _store(identity, collection, read)
    await files.same(identity, [(file.item["id"], file.stamp) for file in work if file.same])
    await files.mark(identity, [file.item["id"] for file in work if file.gone], run, status="gone")
    for file in work:
        if file.failure and not file.gone:
            code, cause = file.failure
            cost = {"seconds": file.seconds, "peak_mb": file.peak_mb}
            await files.fail(identity, file.item["id"], file.stamp, code, cause, **cost)
    return [_outcome(file, stored.get(file.item["id"])) for file in work]


async def _store(identity: Identity, collection: Collection, work: Sequence[Work]) -> dict[int, Stored]:
    """Store files together; if one of them is refused, each on its own."""
    try:
        return await store(identity, [_row(file, collection) for file in work])
    except KairosError as error:
        if error.code != "document_refused":
            raise
        if len(work) == 1:
            work[0].failure = (error.code, error.sentence)
            return {}
    parts = [await _store(identity, collection, [file]) for file in work]
    return {key: value for part in parts for key, value in part.items()}


def _row(file: Work, collection: Collection) -> FileRow:
    return FileRow(
        id=file.item["id"],
        stamp=file.stamp,
        content_hash=file.sha256,
        recipe=collection.recipe,
        documents=[_document(file, text, collection) for text in file.texts],
        members=file.members,
        bytes=file.size,
        seconds=file.seconds,
        peak_mb=file.peak_mb,
    )


def _document(file: Work, text: Text, collection: Collection) -> DocumentRow:
    below = f"/{text.member}" if text.member else ""
    document = text.document
    return DocumentRow(
        member=text.member,
        uri=file.item["uri"] + below,
        path=file.item["path"] + below,
        title=document.title,
        media_type=document.media_type,
        text=document.text,
        content_hash=file.sha256,
        pages=document.pages,
        page_starts=document.page_starts,
        language=text.language,
        flags=text.flags,
        chunking=collection.chunking,
        metadata=document.metadata,
        signature=text.signature,
        short_forms=short_forms(document.text),
        chunks=text.rows,
    )


def _outcome(file: Work, stored: Stored | None) -> Outcome:
    if file.failure and not file.gone:
        return Outcome(path=file.item["path"], status="failed", chunks=0, error=file.failure[1])
    chunks = sum(len(text.rows) for text in file.texts) if stored else 0
    return Outcome(path=file.item["path"], status=stored or "unchanged", chunks=chunks)
