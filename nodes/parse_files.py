"""Fetch files and make readable text of their bytes."""

import asyncio
import hashlib
from typing import Any, cast

from langgraph.runtime import Runtime

from state.context import Context
from state.errors import KairosError
from state.identity import asker
from state.ingest import BatchState, Item
from state.postgres import collections, ingest_runs
from tools import sources
from tools.cleaning import language
from tools.embed.embedder import embedder
from tools.sources import Kind, Source
from tools.work import Text, Work
from tools.workers import Part, read_parts


async def parse_files(state: BatchState, runtime: Runtime[Context]) -> dict[str, Any]:
    """The documents in each file, or the reason why there are none; nothing if the run is not to go on."""
    identity = asker(runtime)
    if await ingest_runs.status(identity, state["run"]) != "running":
        return {"work": []}
    collection = await collections.ensure(identity, state["collection"])
    async with ingest_runs.holding(collection, state["run"]):
        reading = asyncio.gather(*(_read(item, collection.recipe) for item in state["items"]))
        # While worker processes read, this one loads the models of the next steps.
        work, *_ = await asyncio.gather(reading, asyncio.to_thread(language.load), embedder())
    return {"work": work}


async def _read(item: Item, recipe: str) -> Work:
    work = Work(item, stamp=item["stamp"])
    try:
        # What was made by another recipe is made anew, so its bytes are needed though they are the same.
        known = item["stamp"] if item["recipe"] == recipe else None
        fetched = await sources.fetch(_source(item), item["uri"], known)
        if fetched is None:
            work.same = True
            return work
        work.sha256, work.size = hashlib.sha256(fetched.data).digest(), len(fetched.data)
        work.stamp = fetched.stamp
        if work.sha256.hex() == item["sha256"] and item["recipe"] == recipe:
            work.same = True
        else:
            _sort(work, await read_parts(item["path"], fetched.data))
    except KairosError as error:
        work.gone = error.code == "source_gone"
        work.stamp = work.stamp if work.sha256 else None  # what could not be fetched is asked for again
        work.failure = (error.code, error.sentence)
    return work


def _source(item: Item) -> Source:
    if item["kind"] is None:
        return Source("folder", item["uri"])
    return Source(cast(Kind, item["kind"]), item["location"] or "", item["options"])


def _sort(work: Work, parts: list[Part]) -> None:
    """Documents and failures of a file; it failed itself if it holds no document at all."""
    for part in parts:
        work.seconds += part.seconds
        work.peak_mb = max(work.peak_mb, part.peak_mb)
        if part.document:
            work.texts.append(Text(part.member, part.document))
        else:
            work.members.append({"member": part.member, "code": part.code, "cause": part.cause})
    if not work.texts:
        first = work.members[0]
        work.failure = (first["code"], first["cause"])
