"""The one door to chat models: a node asks for a role and gets a LangChain chat model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tools.models.catalog import choose, find
from tools.models.entry import Entry, Role
from tools.models.providers import close, make

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages.ai import UsageMetadata

# A pooled connection belongs to the event loop that opened it: models are cached for each loop.
_made: dict[asyncio.AbstractEventLoop, dict[Entry, BaseChatModel]] = {}


async def chat_model(role: Role, preferred: str | None = None) -> BaseChatModel:
    """The model that serves a role; `get_name()` is its name in the catalog.

    Raises KairosError `catalog_invalid`, `model_unknown` or `model_unavailable`.
    """
    entry = await asyncio.to_thread(choose, role, preferred)
    for loop in [loop for loop in _made if loop.is_closed()]:
        del _made[loop]
    models = _made.setdefault(asyncio.get_running_loop(), {})
    if entry not in models:
        models.setdefault(entry, await asyncio.to_thread(make, entry))
    return models[entry]


async def close_models() -> None:
    """Close the connections of the models that this event loop has used."""
    for model in _made.pop(asyncio.get_running_loop(), {}).values():
        await close(model)


def cost(model_name: str, usage: UsageMetadata | None) -> float | None:
    """What a call cost, in USD; None where there are no prices, or no usage that makes sense."""
    entry = find(model_name)
    if usage is None or entry.input_price is None or entry.output_price is None:
        return None
    if usage["input_tokens"] < 0 or usage["output_tokens"] < 0:
        return None
    return (usage["input_tokens"] * entry.input_price + usage["output_tokens"] * entry.output_price) / 1e6
