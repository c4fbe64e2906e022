"""A generated line of context for each chunk: indexed and embedded with it, never quoted."""

import asyncio
from collections.abc import Sequence
from typing import Any

from langchain_core.language_models import BaseChatModel
from langgraph.runtime import Runtime

from prompts import registry
from prompts.registry import Prompt
from state.caller import caller
from state.context import Context
from state.errors import KairosError
from state.identity import Identity, asker
from state.ingest import BatchState
from state.postgres import collections, contexts
from tools.chunking import Chunk
from tools.context import TOGETHER, digest, lines_in, render, shown
from tools.models.catalog import serves
from tools.models.door import chat_model
from tools.models.errors import answer_text, model_errors
from tools.parse import Document
from tools.work import Text

AT_ONCE = 4
"""Calls of one batch at a time."""
MISSING = "context_missing"
"""The flag of a document of which some chunk has no line."""


async def describe_chunks(state: BatchState, runtime: Runtime[Context]) -> dict[str, Any]:
    """Lines from the cache, else from the model; a chunk without a usable line goes on without one."""
    identity = asker(runtime)
    collection = await collections.ensure(identity, state["collection"])
    if not (state["work"] and collection.contextual and await asyncio.to_thread(serves, "context")):
        return {}
    prompt = await asyncio.to_thread(registry.load, "context")
    by = caller(runtime, "ingest", "describe_chunks")
    describer = Describer(identity, await chat_model("context", by, prompt_hash=prompt.hash), prompt)
    await asyncio.gather(
        *(describer.describe(work.item["id"], text) for work in state["work"] for text in work.texts)
    )
    return {}


class Describer:
    """One batch's calls: a few at a time, and none any more once the model cannot be reached."""

    def __init__(self, identity: Identity, model: BaseChatModel, prompt: Prompt) -> None:
        self._identity, self._model, self._prompt = identity, model, prompt
        self._made_by = f"{model.get_name()} {prompt.hash}"
        self._free = asyncio.Semaphore(AT_ONCE)
        self._failed = False

    async def describe(self, file: int, text: Text) -> None:
        """Give a document's chunks their lines."""
        digests = [digest(text.document, chunk, self._made_by) for chunk in text.chunks]
        lines = await contexts.known(self._identity, file, digests)
        missing = [place for place, mark in enumerate(digests) if mark not in lines]
        groups = [missing[first : first + TOGETHER] for first in range(0, len(missing), TOGETHER)]

        async def fill(places: Sequence[int]) -> None:
            made = await self._ask(text.document, [text.chunks[place] for place in places])
            new = {digests[place]: line for place, line in zip(places, made, strict=True) if line}
            await contexts.keep(self._identity, file, new)
            lines.update(new)

        await asyncio.gather(*map(fill, groups))
        text.contexts = [lines.get(mark, "") for mark in digests]
        if not all(text.contexts):
            text.flags = sorted({*text.flags, MISSING})

    async def _ask(self, document: Document, chunks: Sequence[Chunk]) -> list[str]:
        """A line for each chunk, empty where the model gave none."""
        title, beginning = shown(document)
        messages = self._prompt.messages(title=title, beginning=beginning, chunks=render(chunks))
        name = self._model.get_name()
        async with self._free:
            if self._failed:
                return [""] * len(chunks)
            try:
                with model_errors(name):
                    message = await self._model.ainvoke(messages, {"tags": ["nostream"]})
                return lines_in(answer_text(name, message), len(chunks))
            except KairosError as error:
                self._failed = error.code not in (
                    "model_bad_answer",
                    "model_context_exceeded",
                    "model_refused",
                )
                return [""] * len(chunks)
