"""From an entry of the catalog to a LangChain chat model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from tools.models.availability import key
from tools.models.entry import Entry

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

_RETRIES = 2


def make(entry: Entry) -> BaseChatModel:
    """The client of an entry; `get_name()` is the entry's name. Nothing is called."""
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
        timeout=Timeout(max(entry.timeouts.first, entry.timeouts.between), connect=entry.timeouts.connect),
        stream_chunk_timeout=entry.timeouts.between,
        max_retries=_RETRIES,
        stream_usage=True,
        use_responses_api=False,
        profile={"max_input_tokens": entry.context} if entry.context else None,
    )
