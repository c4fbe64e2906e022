"""An answer in the OpenAI protocol whose placeholders become the asker's values again."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from state.guard import GuardVerdict
from tools.guard.conversation import Shown
from tools.guard.pii.restoring import Restorer
from tools.models.sse import Chunk
from tools.models.vetted_choice import TEXTS, calls_of


class Restored:
    """One answer's: of one deployment, streamed or whole."""

    def __init__(self, shown: Shown, policy: str) -> None:
        self._shown, self._policy = shown, policy
        self._of: dict[tuple[Any, ...], Restorer] = {}

    @property
    def verdicts(self) -> list[GuardVerdict]:
        """Placeholders that the model made up."""
        found = [(key[1], span) for key, one in self._of.items() for span in one.unknown]
        return [_made_up(str(source), *span, self._policy) for source, span in found]

    async def stream(self, chunks: AsyncIterator[Chunk]) -> AsyncIterator[Chunk]:
        """The chunks, each held back by part of a placeholder at most."""
        async for chunk in chunks:
            if chunk.data is None or not chunk.data["choices"]:
                yield chunk
                continue
            choices = [
                {
                    **choice,
                    "delta": self._part(choice, choice.get("delta") or {}, choice.get("finish_reason")),
                }
                for choice in chunk.data["choices"]
            ]
            yield Chunk.of({**chunk.data, "choices": choices})

    def whole(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """A whole answer."""
        choices = [
            {**choice, "message": self._part(choice, choice.get("message") or {}, "stop")}
            for choice in data["choices"]
        ]
        return {**data, "choices": choices}

    def _part(self, choice: Mapping[str, Any], given: Mapping[str, Any], finish: Any) -> dict[str, Any]:
        part, index = dict(given), choice.get("index")
        index = index if isinstance(index, int) else 0
        held = {key[1] for key in self._of if key[0] == index} if finish else set()
        for name in TEXTS:
            if isinstance(given.get(name), str) or name in held:
                text = self._text((index, name), given.get(name) or "", finish)
                if text or name in given:
                    part[name] = text
        there = calls_of(given)
        calls = [self._call((index, "tool_call", number), call, bool(finish)) for number, call in there]
        if finish:
            calls += self._held_calls(index, {number for number, _ in there})
        return {**part, "tool_calls": calls} if calls else part

    def _text(self, key: tuple[Any, ...], text: str, finish: Any) -> str:
        if key not in self._of:
            in_json = key[1] == "tool_call"
            self._of[key] = Restorer(self._shown.redaction, self._shown.restores, in_json)
        restorer = self._of[key]
        found = restorer.close(text) if finish else restorer.feed(text)
        self._shown.told |= restorer.restored
        return found

    def _call(self, key: tuple[Any, ...], call: Mapping[str, Any], finish: bool) -> dict[str, Any]:
        function = call.get("function")
        arguments = function.get("arguments") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(arguments, str):
            return dict(call)
        return {**call, "function": {**function, "arguments": self._text(key, arguments, finish)}}

    def _held_calls(self, index: Any, named: set[int]) -> list[dict[str, Any]]:
        """What was held back of calls that the last chunk does not name."""
        keys = [key for key in self._of if key[0] == index and key[1] == "tool_call" and key[2] not in named]
        found = [(key, self._text(key, "", finish=True)) for key in keys]
        return [{"index": key[2], "function": {"arguments": text}} for key, text in found if text]


def _made_up(source: str, start: int, end: int, policy: str) -> GuardVerdict:
    return GuardVerdict(
        direction="output",
        source=source,
        check="placeholder",
        rule="unknown placeholder",
        start=start,
        end=end,
        score=1.0,
        action="flag",
        code="placeholder_unknown",
        sentence="The answer holds a placeholder that stands for nothing.",
        ms=0.0,
        policy=policy,
        dry_run=False,
    )
