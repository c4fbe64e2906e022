"""Tools as models are told of them: names without dots, since the protocol of OpenAI knows none."""

from collections.abc import Iterable
from typing import Any

from tools.tool import Tool

_DOT = "__"


def declarations(tools: Iterable[Tool]) -> list[dict[str, Any]]:
    """Functions in the form of chat completions."""
    return [
        {
            "type": "function",
            "function": {
                "name": tool.name.replace(".", _DOT),
                "description": tool.description,
                "parameters": tool.parameters,
            },
        }
        for tool in tools
    ]


def full_name(called: str) -> str:
    """The tool's own name."""
    return called.replace(_DOT, ".", 1)
