"""Of documents that say the same, for the same readers, one is searched for all."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from langgraph.runtime import Runtime

from state.context import Context
from state.identity import Identity, asker
from state.ingest import IngestState
from state.postgres import collections, duplicates, ingest_runs
from tools.cleaning.near_duplicates import is_same

AT_A_TIME = 100


async def merge_duplicates(state: IngestState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Compare what is new or changed, in the order of the uris, so that nothing depends on when it was read."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state.get("collection") or "default")
    async with ingest_runs.holding(collection, state["run"]):
        while documents := await duplicates.waiting(identity, collection.id, AT_A_TIME):
            found = await duplicates.candidates(identity, documents)
            await duplicates.settle(identity, await _keepers(identity, documents, found))
    return {}


async def _keepers(
    identity: Identity, documents: Sequence[int], candidates: Mapping[int, Sequence[int]]
) -> dict[int, int | None]:
    """Each document's keeper: the first candidate that is one itself and says the same, None if there is none."""
    keepers: dict[int, int | None] = {}
    for document in documents:
        keepers[document] = None
        searched = [other for other in candidates.get(document, ()) if keepers.get(other) is None]
        texts = await duplicates.texts(identity, [document, *searched]) if searched else {}
        for other in searched:
            if other in texts and await asyncio.to_thread(is_same, texts.get(document, ""), texts[other]):
                keepers[document] = other
                break
    return keepers
