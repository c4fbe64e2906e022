"""Clean what was parsed: language, quality, running headers, and a signature to find near-duplicates by."""

import asyncio
from typing import Any

from tools.cleaning import clean

from state.ingest import BatchState
from tools.work import Text


async def clean_documents(state: BatchState) -> dict[str, Any]:
    """The documents without what is repeated on their pages, and what is to be said of them."""
    texts = [text for work in state["work"] for text in work.texts]
    await asyncio.to_thread(_clean, texts)
    return {}


def _clean(texts: list[Text]) -> None:
    for text in texts:
        cleaned = clean(text.document)
        text.document, text.language = cleaned.document, cleaned.language
        text.flags, text.signature = list(cleaned.flags), cleaned.signature
