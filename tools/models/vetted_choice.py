"""One choice of an answer, vetted: its texts sentence by sentence, its tool calls whole."""

import json
from collections.abc import Mapping
from typing import Any

from state.guard import GuardVerdict
from tools.guard.apply import apply
from tools.guard.check import About
from tools.guard.outcome import stopped
from tools.guard.policy.rules import Policy
from tools.guard.stream import StreamGuard, in_parts

TEXTS = ("content", "refusal", "reasoning_content", "reasoning")
"""Where models write; anything else in an answer is left out."""
_PASSED = frozenset({"role", *TEXTS})
FILTERED = "content_filter"


class VettedChoice:
    """`take` the pieces of a stream, the last one with its finish; or the whole of it at once.

    A choice that is refused ends with a plain sentence, and its finish says content_filter; a tool call leaves whole
    or not at all. Log probabilities name the tokens: they leave at the end, if nothing was withheld.
    """

    def __init__(self, policy: Policy, about: About, index: int) -> None:
        self._policy, self._about, self._index = policy, about, index
        self._in_parts = in_parts(policy)
        self._texts: dict[str, StreamGuard] = {}
        self._calls: dict[int | None, dict[str, str]] = {}
        self._logprobs: dict[str, list[Any]] = {}
        self._of_calls: list[GuardVerdict] = []
        self._has_begun = self._has_content = self._has_lost = False
        self.refusal: GuardVerdict | None = None
        self.is_done = False

    @property
    def verdicts(self) -> list[GuardVerdict]:
        """On its texts and its tool calls."""
        return [*(one for guard in self._texts.values() for one in guard.verdicts), *self._of_calls]

    @property
    def has_changed(self) -> bool:
        """Whether anything that the model wrote does not leave."""
        return self._has_lost or any(guard.has_changed for guard in self._texts.values())

    async def take(self, choice: Mapping[str, Any], is_last: bool) -> dict[str, Any] | None:
        """What may be sent of it now; None: nothing yet."""
        if self.is_done:
            return None
        delta = choice.get("delta") or {}
        self._note(delta, choice.get("logprobs"))
        said = await self._said(delta, is_last)
        if is_last and self.refusal is None:
            said |= await self._tool_calls()
        finish = choice.get("finish_reason")
        if self.refusal is not None:
            finish = FILTERED
            said["content"] = said.get("content", "") + self._marker(bool(said.get("content")))
        self.is_done = is_last or self.refusal is not None
        if delta.get("role") and not self._has_begun:
            said, self._has_begun = {"role": delta["role"], "content": "", **said}, True
        self._has_content = self._has_content or bool(said.get("content"))
        if not said and not self.is_done:
            return None
        found: dict[str, Any] = {"index": self._index, "delta": said, "finish_reason": finish}
        if self.is_done and self._logprobs and not self.has_changed:
            found["logprobs"] = self._logprobs
        return found

    def _note(self, delta: Mapping[str, Any], logprobs: Any) -> None:
        self._has_lost = self._has_lost or any(
            value and not _is_passed(name, value) for name, value in delta.items()
        )
        for number, call in calls_of(delta):
            self._collect(number, call, call.get("function"))
        if isinstance(delta.get("function_call"), dict):
            self._collect(None, {}, delta["function_call"])
        for name, tokens in logprobs.items() if isinstance(logprobs, dict) else ():
            if isinstance(tokens, list):
                self._logprobs.setdefault(name, []).extend(tokens)

    def _collect(self, key: int | None, call: Mapping[str, Any], function: Any) -> None:
        function = function if isinstance(function, dict) else {}
        known = self._calls.setdefault(key, {"id": "", "name": "", "arguments": ""})
        known["id"] = known["id"] or str(call.get("id") or "")
        known["name"] += str(function.get("name") or "")
        known["arguments"] += str(function.get("arguments") or "")

    async def _said(self, delta: Mapping[str, Any], is_last: bool) -> dict[str, Any]:
        said: dict[str, Any] = {}
        for name in TEXTS:
            text = _text(delta.get(name))
            if text and name not in self._texts:
                policy = self._policy if name == "content" else self._in_parts
                self._texts[name] = StreamGuard(policy, self._about, name)
            if (guard := self._texts.get(name)) is None:
                continue
            if out := await (guard.close(text) if is_last else guard.feed(text)):
                said[name] = out
            if guard.refusal is not None:
                self.refusal = guard.refusal
                break
        return said

    async def _tool_calls(self) -> dict[str, Any]:
        made = []
        for key, call in self._calls.items():
            await self._vetted(call["name"], may_redact=False)
            arguments = await self._vetted(call["arguments"])
            if self.refusal is not None:
                return {}
            function = {"name": call["name"], "arguments": arguments}
            if key is None:
                return {"function_call": function}
            about = {"index": key, "id": call["id"], "type": "function", "function": function}
            made.append(about)
        return {"tool_calls": made} if made else {}

    async def _vetted(self, written: str, may_redact: bool = True) -> str:
        """A tool's name or arguments as they may leave; JSON's escapes hide nothing: what leaves is what was read."""
        text, is_json = _plain(written)
        outcome = await apply(self._in_parts, "output", text, self._about, "tool_call")
        self._of_calls += outcome.verdicts
        refusal, hidden = outcome.refusal, outcome.of("redact")
        if refusal is None and hidden and (not may_redact or (is_json and not _plain(outcome.redacted)[1])):
            refusal = hidden[0]
        self.refusal = self.refusal or refusal
        self._has_lost = self._has_lost or refusal is not None or bool(hidden) or text != written
        return outcome.redacted

    def _marker(self, follows: bool) -> str:
        assert self.refusal is not None  # noqa: S101 - only then
        return ("\n\n" if follows or self._has_content else "") + stopped(self.refusal)


def _is_passed(name: str, value: Any) -> bool:
    """Whether a part of a message is one that is vetted, in the form that it has in the protocol."""
    if name == "tool_calls":
        return isinstance(value, list) and all(_is_function(one) for one in value)
    if name == "function_call":
        return isinstance(value, dict) and _is_function({"function": value})
    return name in _PASSED and isinstance(value, str)


def _is_function(call: Any) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return isinstance(function, dict) and isinstance(function.get("arguments"), str)


def calls_of(delta: Mapping[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    """The tool calls, or parts of them, by their numbers."""
    given = delta.get("tool_calls")
    found = [call for call in given if isinstance(call, dict)] if isinstance(given, list) else []
    numbers = (call.get("index") for call in found)
    return [
        (number if isinstance(number, int) else place, call)
        for place, (number, call) in enumerate(zip(numbers, found, strict=True))
    ]


def _text(value: Any) -> str:
    """A text, or the texts of its parts."""
    if isinstance(value, list):
        return "".join(str(part.get("text") or "") for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _plain(written: str) -> tuple[str, bool]:
    """JSON without escapes of plain letters and without doubled keys, which readers drop; and whether it is JSON."""
    try:
        read = json.loads(written)
    except (ValueError, RecursionError):
        return written, False
    if "\\" not in written:
        return written, True
    # Half a pair of surrogates is no text that could be sent.
    return json.dumps(read, ensure_ascii=False).encode("utf-8", "replace").decode(), True
