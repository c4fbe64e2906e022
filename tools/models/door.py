"""The one door to chat models: a node asks for a role and gets a LangChain chat model."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from state.caller import Caller
from tools.models.catalog import choose
from tools.models.entry import Role

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


async def chat_model(
    role: Role, caller: Caller, preferred: str | None = None, prompt_hash: str = "", canary: str = ""
) -> BaseChatModel:
    """The model that serves a role; `get_name()` is that of the deployment which is tried first.

    What answered, and what it cost in US dollars, stand in the message's `response_metadata` as model_name and cost,
    and what the guards found in the answer as guard. `canary`: a word of the prompt that must not come out.
    Raises KairosError `catalog_invalid`, `model_unknown` or `model_unavailable`.
    """
    entry = await asyncio.to_thread(choose, role, preferred)
    if entry.provider == "extractive":  # nothing to pay for, and nobody to fail over to
        from tools.models.extractive import ExtractiveChatModel

        return ExtractiveChatModel(name=entry.name, caller=caller, canary=canary)
    from tools.models.chat import GovernedChatModel

    return GovernedChatModel(
        name=entry.name, caller=caller, role=role, asked=preferred, prompt_hash=prompt_hash, canary=canary
    )
