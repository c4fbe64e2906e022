"""What a turn's model calls took, added up."""

from langchain_core.messages import AIMessage

from state.assistant import Usage


def added(usage: Usage, message: AIMessage) -> Usage:
    """The usage with one more answer; the cost is None once a price is unknown."""
    used, price = message.usage_metadata, message.response_metadata.get("cost")
    return Usage(
        input_tokens=usage["input_tokens"] + (used["input_tokens"] if used else 0),
        output_tokens=usage["output_tokens"] + (used["output_tokens"] if used else 0),
        cost=None if price is None or usage["cost"] is None else usage["cost"] + price,
    )
