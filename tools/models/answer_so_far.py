"""What of a streamed answer has been sent, and how another deployment goes on with it."""

from collections.abc import Mapping
from typing import Any

from tools.models.spent import Usage, letters, usage_of
from tools.models.sse import Chunk

GO_ON = (
    "Your answer was cut off after the text above. Go on exactly where it stopped, in the same language and form. "
    "Repeat nothing and do not mention the interruption."
)
SHORTEST_OVERLAP = 8
"""Characters: fewer may be a word that happens to be there again."""


class AnswerSoFar:
    """Counts what goes by; `usage` is what the present deployment states, `letters` what it has written."""

    def __init__(self) -> None:
        self.text = ""
        self.letters = 0
        self.usage: Usage | None = None
        self.is_whole = False
        self._is_text_alone = True
        self._id: str | None = None
        self._held: str | None = None

    def take(self, chunk: Chunk) -> Chunk | None:
        """What to send of a chunk; None: nothing of it, or nothing yet."""
        data = chunk.data
        if data is None:
            return chunk
        self.usage = usage_of(data) or self.usage
        self._note(data)
        delta = _text(data)
        self.letters += letters(data)
        if self._id is None:
            self._id = str(data.get("id") or "")
        elif data.get("id") != self._id:
            chunk = Chunk.of({**data, "id": self._id})
        if self._held is not None:
            fresh = self._without_overlap(delta)
            if fresh is None:
                return None
            chunk = _with_text(chunk, fresh)
            delta = fresh
        self.text += delta
        return chunk

    @property
    def can_go_on(self) -> bool:
        """Whether another deployment can continue what was sent: plain text only."""
        return self._is_text_alone and not self.is_whole

    def begin_again(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """The request for the rest of the answer."""
        self.usage, self.letters, self._held = None, 0, ""
        if not self.text:
            self._held = None
            return dict(body)
        rest = [{"role": "assistant", "content": self.text}, {"role": "user", "content": GO_ON}]
        return {**body, "messages": [*body["messages"], *rest]}

    def _note(self, data: Mapping[str, Any]) -> None:
        for choice in data["choices"]:
            delta = choice.get("delta") or {}
            self.is_whole = self.is_whole or bool(choice.get("finish_reason"))
            if choice.get("index") or delta.get("tool_calls") or choice.get("logprobs"):
                self._is_text_alone = False

    def _without_overlap(self, delta: str) -> str | None:
        """What is new in the continuation; None while all of it may still be a repetition."""
        held = (self._held or "") + delta
        if not self.is_whole and held in self.text:
            self._held = held
            return None
        self._held = None
        if held.startswith(self.text):
            return held[len(self.text) :]
        for size in range(min(len(held), len(self.text)), SHORTEST_OVERLAP - 1, -1):
            if self.text.endswith(held[:size]):
                return held[size:]
        return held


def _text(data: Mapping[str, Any]) -> str:
    return "".join(str((choice.get("delta") or {}).get("content") or "") for choice in data["choices"])


def _with_text(chunk: Chunk, text: str) -> Chunk:
    assert chunk.data is not None  # noqa: S101 - only chunks with data hold text
    choices = [
        {**choice, "delta": {**(choice.get("delta") or {}), "content": text}}
        for choice in chunk.data["choices"]
    ]
    return Chunk.of({**chunk.data, "choices": choices})
