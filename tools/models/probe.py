"""One tiny real call of a model, to see whether it answers."""

import asyncio
import time

from state.errors import KairosError
from tools.models.address import address
from tools.models.entry import Entry
from tools.models.errors import answer_text, model_errors
from tools.models.providers import close, make

LIMIT_SECONDS = 60.0
_QUESTION = "Answer with the one word: ok"


async def probe(entry: Entry) -> float:
    """The seconds that the whole call took.

    Raises KairosError `model_…` with what is wrong.
    """
    start = time.perf_counter()
    with model_errors(entry.name):
        async with asyncio.timeout(LIMIT_SECONDS):
            await (_chat(entry) if entry.chats else _post(entry))
    return time.perf_counter() - start


async def _chat(entry: Entry) -> None:
    model = await asyncio.to_thread(make, entry, 0)
    try:
        answer_text(entry.name, await model.ainvoke(_QUESTION))
    finally:
        await close(model)


async def _post(entry: Entry) -> None:
    import httpx

    to = address(entry)
    assert to is not None  # noqa: S101 - the catalog holds no other provider to embed or rank
    path = "embeddings"
    body: dict[str, object] = {"model": entry.model, "input": ["ok"]}
    if "rerank" in entry.capabilities:
        path, body = "rerank", {"model": entry.model, "query": "ok", "documents": ["ok"]}
    timeout = httpx.Timeout(entry.timeouts.first, connect=entry.timeouts.connect)
    try:
        async with httpx.AsyncClient(timeout=timeout) as client:
            answer = await client.post(
                f"{to.base}/{path}", json=body, headers=dict(to.headers), params=dict(to.query)
            )
    except httpx.TransportError:
        raise KairosError("model_unreachable", f"The model {entry.name!r} cannot be reached.") from None
    if answer.status_code != 200:
        sentence = f"The model {entry.name!r} refused the request (HTTP {answer.status_code})."
        raise KairosError("model_refused", sentence)
