"""What a call used and what that costs."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeGuard

from tools.models.catalog import Entry

LETTERS_A_TOKEN = 3
"""For output that the provider did not count: English has about four letters a token, so this is rather too much."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one answer; `input_tokens` holds the cached ones too."""

    input_tokens: int
    output_tokens: int
    cached_tokens: int = 0


def usage_of(data: Mapping[str, Any]) -> Usage | None:
    """The usage that a provider states; None if there is none, or it makes no sense."""
    stated = data.get("usage")
    if not isinstance(stated, dict):
        return None
    read, wrote = stated.get("prompt_tokens"), stated.get("completion_tokens", 0)
    details = stated.get("prompt_tokens_details")
    cached = details.get("cached_tokens", 0) if isinstance(details, dict) else 0
    if not (_is_count(read) and _is_count(wrote)) or read == 0:
        return None
    return Usage(read, wrote, min(cached, read) if _is_count(cached) else 0)


def estimated(input_tokens: int, letters: int) -> Usage:
    """The usage of an answer that nobody counted: never too little."""
    return Usage(input_tokens, math.ceil(letters / LETTERS_A_TOKEN))


def letters(data: Mapping[str, Any]) -> int:
    """How much a chat completion, or a piece of one, says; its tool calls too."""
    messages = [choice.get("message") or choice.get("delta") or {} for choice in data.get("choices", ())]
    said = [message.get(part) or "" for message in messages for part in ("content", "tool_calls")]
    return sum(len(str(part)) for part in said)


def nano_usd(entry: Entry, usage: Usage) -> int | None:
    """What a usage costs in nano-dollars, rounded up; None if a price is not known."""
    if entry.input_price is None or entry.output_price is None:
        return None
    cached_price = entry.input_price if entry.cached_price is None else entry.cached_price
    fresh = usage.input_tokens - usage.cached_tokens
    usd_per_million = (
        fresh * entry.input_price
        + usage.cached_tokens * cached_price
        + usage.output_tokens * entry.output_price
    )
    return math.ceil(round(usd_per_million * 1000, 6))


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
