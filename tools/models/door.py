"""The one door to chat models: a node asks for a role and gets a LangChain chat model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from tools.models.catalog import Entry, Role, choose, find, key

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages.ai import UsageMetadata

_CONNECT_SECONDS = 5.0
_RETRIES = 2

# A pooled connection belongs to the event loop that opened it: models are cached for each loop.
_made: dict[asyncio.AbstractEventLoop, dict[str, BaseChatModel]] = {}


async def chat_model(role: Role, preferred: str | None = None) -> BaseChatModel:
    """The model that serves a role; `get_name()` is its name in the catalog.

    Raises KairosError `catalog_invalid`, `model_unknown` or `model_unavailable`.
    """
    entry = await asyncio.to_thread(choose, role, preferred)
    for loop in [loop for loop in _made if loop.is_closed()]:
        del _made[loop]
    models = _made.setdefault(asyncio.get_running_loop(), {})
    if entry.name not in models:
        models.setdefault(entry.name, await asyncio.to_thread(_make, entry))
    return models[entry.name]


async def close_models() -> None:
    """Close the connections of the models that this event loop has used."""
    for model in _made.pop(asyncio.get_running_loop(), {}).values():
        client: Any = getattr(model, "root_async_client", None)
        if client is not None:
            await client.close()


def cost(model_name: str, usage: UsageMetadata | None) -> float | None:
    """What a call cost, in USD; None where there are no prices, or no usage that makes sense."""
    entry = find(model_name)
    if usage is None or entry.input_price is None or entry.output_price is None:
        return None
    if usage["input_tokens"] < 0 or usage["output_tokens"] < 0:
        return None
    return (usage["input_tokens"] * entry.input_price + usage["output_tokens"] * entry.output_price) / 1e6


def _make(entry: Entry) -> BaseChatModel:
    if entry.provider == "extractive":
        from tools.models.extractive import ExtractiveChatModel

        return ExtractiveChatModel(name=entry.name)
    return _make_openai(entry)


def _make_openai(entry: Entry) -> BaseChatModel:
    from langchain_openai import ChatOpenAI
    from openai import Timeout

    return ChatOpenAI(
        name=entry.name,
        model=entry.model,
        base_url=str(entry.base_url).rstrip("/"),
        # Without any key the client would send OPENAI_API_KEY, which may belong to another provider.
        api_key=key(entry) or SecretStr("none"),
        timeout=Timeout(entry.timeout, connect=_CONNECT_SECONDS),
        stream_chunk_timeout=entry.timeout,
        max_retries=_RETRIES,
        stream_usage=True,
        use_responses_api=False,
        profile={"max_input_tokens": entry.context} if entry.context else None,
    )
