"""What a model is shown of a conversation: placeholders for personal data, notes for what is gone for good."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from state.guard import Direction
from tools.guard.check import About
from tools.guard.hiding import Span, hidden, hides, is_personal, merged, without
from tools.guard.pii.found import TYPES
from tools.guard.pii.redact import Redaction
from tools.guard.policy.rules import Policy
from tools.passages import segments

_DIRECTIONS: Mapping[str, Direction] = {
    "user": "input",
    "assistant": "input",
    "tool": "tool",
    "function": "tool",
}
"""Whose texts are whose; system prompts are the application's own, but for passages in them."""
_LOOKED_AT: tuple[Direction, ...] = ("input", "passage", "tool")
LEAST = 4
"""Characters of a value that is looked for in what a model wrote."""


class Shown:
    """One call's: all its messages have the same placeholders, whoever is asked.

    `restores` are the types whose values the asker gets back; values in `told` have come back and are hidden again
    where the model's own words are shown to another model.
    """

    def __init__(self, policy: Policy, about: About) -> None:
        self.redaction = Redaction()
        self.told: set[str] = set()
        self._policy, self._about = policy, about
        self._kept: set[str] = set()

    @property
    def restores(self) -> frozenset[str]:
        return frozenset(TYPES) - self._kept

    def hides(self, is_local: bool) -> bool:
        """Whether any rule may hide anything from such a model."""
        return any(hides(self._policy, direction, is_local) for direction in _LOOKED_AT)

    async def messages(self, messages: Sequence[Any], is_local: bool) -> list[Any] | None:
        """The messages (as OpenAI has them) as a model is shown them; None: as they are. Raises KairosError."""
        if not self.hides(is_local):
            return None
        rules = (rule for direction in _LOOKED_AT for rule in hides(self._policy, direction, is_local))
        if any(is_personal(rule) for rule in rules):
            self.redaction.reserve(orjson.dumps(messages, default=str).decode())
        found = [await self._message(one, is_local) for one in messages]
        return None if found == list(messages) else found

    async def _message(self, message: Any, is_local: bool) -> Any:
        if not isinstance(message, dict):
            return message
        of = _Reader(self, str(message.get("role")), is_local)
        changed = dict(message)
        if "content" in message:
            changed["content"] = await of.content(message["content"])
        if isinstance(message.get("tool_calls"), list):
            changed["tool_calls"] = [await of.call(call) for call in message["tool_calls"]]
        if isinstance(message.get("function_call"), dict):
            changed["function_call"] = await of.function(message["function_call"])
        return changed

    async def text(self, text: str, direction: Direction, is_local: bool, is_models: bool) -> str:
        """A text as such a model is shown it."""
        spans = await hidden(self._policy, direction, text, self._about, is_local)
        if is_models and not is_local:
            spans = merged([*spans, *self._told_in(text)])
        self._kept.update(one.kind for one in spans if one.kind and not one.restores)
        return without(text, spans, self.redaction) if spans else text

    def _told_in(self, text: str) -> list[Span]:
        """Where values stand that a model knew by placeholders, whether a detector sees them there or not."""
        return [
            Span(match.start(), match.end(), kind, kind, restores=True)
            for value in self.told
            if len(value) >= LEAST and (kind := self.redaction.type_of(value)) is not None
            for match in re.finditer(re.escape(value), text)
        ]


class _Reader:
    """Of the texts of one message."""

    def __init__(self, shown: Shown, role: str, is_local: bool) -> None:
        self._shown, self._is_local = shown, is_local
        self._direction = _DIRECTIONS.get(role)
        self._is_models = role == "assistant"

    async def content(self, content: Any) -> Any:
        if isinstance(content, str):
            return "".join([await self._piece(*piece) for piece in segments(content)])
        if not isinstance(content, list):
            return content
        return [
            {**part, "text": await self.content(part["text"])}
            if isinstance(part, dict) and isinstance(part.get("text"), str)
            else part
            for part in content
        ]

    async def call(self, call: Any) -> Any:
        if not isinstance(call, dict) or not isinstance(call.get("function"), dict):
            return call
        return {**call, "function": await self.function(call["function"])}

    async def function(self, function: Mapping[str, Any]) -> dict[str, Any]:
        arguments = function.get("arguments")
        if not isinstance(arguments, str):
            return dict(function)
        try:
            given = orjson.loads(arguments)
            read = await self._leaves(given)
        except (orjson.JSONDecodeError, RecursionError):
            return {**function, "arguments": await self._piece(False, arguments)}
        return {**function, "arguments": arguments if read == given else orjson.dumps(read).decode()}

    async def _leaves(self, value: Any) -> Any:
        if isinstance(value, str):
            return await self._piece(False, value)
        if isinstance(value, list):
            return [await self._leaves(one) for one in value]
        if isinstance(value, dict):
            return {name: await self._leaves(one) for name, one in value.items()}
        return value

    async def _piece(self, is_passage: bool, text: str) -> str:
        direction = "passage" if is_passage else self._direction
        if direction is None:
            return text
        return await self._shown.text(text, direction, self._is_local, self._is_models)
