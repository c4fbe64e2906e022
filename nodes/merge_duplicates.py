"""Of documents that say the same, for the same readers, one is searched for all."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import Identity, asker
from state.ingest import IngestState
from state.postgres import collections, duplicates, ingest_runs
from state.postgres.duplicates import MOST_CANDIDATES, Candidate, Waiting
from tools.cleaning.near_duplicates import is_same

AT_A_TIME = 100


async def merge_duplicates(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Compare what is new or changed, in the order of the uris, so that nothing depends on when it was read."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    async with ingest_runs.holding(collection, state["run"]):
        while documents := await duplicates.waiting(identity, collection.id, AT_A_TIME):
            found = await duplicates.candidates(identity, collection.id, documents)
            await duplicates.settle(identity, await _keepers(identity, documents, found))
    return {}


async def _keepers(
    identity: Identity, documents: Sequence[Waiting], candidates: Mapping[int, Sequence[Candidate]]
) -> dict[int, int | None]:
    """Each document's keeper: of the nearest that say the same the one with the smallest uri, None if there is none."""
    keepers: dict[int, int | None] = {}
    kept: list[Waiting] = []
    for document in documents:
        near = sorted([*candidates.get(document.id, ()), *_near(document, kept)])[:MOST_CANDIDATES]
        in_order = [candidate.id for candidate in sorted(near, key=lambda candidate: candidate[1:])]
        keepers[document.id] = await _same(identity, document.id, in_order)
        if keepers[document.id] is None:
            kept.append(document)
    return keepers


def _near(document: Waiting, kept: Sequence[Waiting]) -> list[Candidate]:
    """Candidates that were decided on just before, and are not in the index yet."""
    return [
        Candidate(-len(shared), other.uri, other.id)
        for other in kept
        if other.access == document.access and (shared := document.signature & other.signature)
    ]


async def _same(identity: Identity, document: int, candidates: Sequence[int]) -> int | None:
    """The first candidate that says what the document says."""
    if not candidates:
        return None
    texts = await duplicates.texts(identity, [document, *candidates])
    for other in candidates:
        if other in texts and await asyncio.to_thread(is_same, texts.get(document, ""), texts[other]):
            return other
    return None
