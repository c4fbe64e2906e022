"""The arguments of tool calls as a model wrote them: LangChain completes cut-off JSON, which would be another call."""

from collections.abc import Mapping
from typing import Any

import orjson


class CallArguments:
    """`take` each delta of an answer, or its whole message; `broken`: the places of calls that hold no JSON object."""

    def __init__(self) -> None:
        self._written: dict[int, str] = {}

    def take(self, delta: Mapping[str, Any]) -> None:
        """One more piece of it."""
        for number, call in enumerate(delta.get("tool_calls") or ()):
            index = call.get("index", number)
            written = (call.get("function") or {}).get("arguments") or ""
            self._written[index] = self._written.get(index, "") + written

    @property
    def broken(self) -> list[int]:
        """In the order of the calls."""
        return [
            place
            for place, (_, written) in enumerate(sorted(self._written.items()))
            if not _is_object(written)
        ]


def _is_object(text: str) -> bool:
    try:
        return isinstance(orjson.loads(text or "{}"), dict)
    except orjson.JSONDecodeError:
        return False
