"""What a turn's model calls took, added up."""

from langchain_core.messages import AIMessage

from state.assistant import Usage


def added(usage: Usage, more: AIMessage | Usage) -> Usage:
    """The usage with one more answer, or with that of several; the cost is None once a price is unknown."""
    took = _of(more) if isinstance(more, AIMessage) else more
    return Usage(
        input_tokens=usage["input_tokens"] + took["input_tokens"],
        output_tokens=usage["output_tokens"] + took["output_tokens"],
        cost=None if usage["cost"] is None or took["cost"] is None else usage["cost"] + took["cost"],
    )


def _of(message: AIMessage) -> Usage:
    used = message.usage_metadata
    return Usage(
        input_tokens=used["input_tokens"] if used else 0,
        output_tokens=used["output_tokens"] if used else 0,
        cost=message.response_metadata.get("cost"),
    )
