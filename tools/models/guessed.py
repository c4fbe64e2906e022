"""The extractive model's way with tools: a guess at the call, a question, or what came of the calls."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langchain_core.messages.tool import ToolCallChunk

from tools.acting.guessing import Declared, Guess, guess
from tools.provenance.spotlight import FAILED

LONGEST = 600
"""Characters of a result that are quoted."""
_UNTRUSTED = re.compile(
    r"\A<untrusted-(?P<mark>\w+)[^>\n]*>\n(?P<text>.*)\n</untrusted-(?P=mark)>\Z", re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What the model says next: text, or calls."""

    text: str = ""
    calls: Sequence[ToolCallChunk] = field(default=())


async def next_turn(messages: Sequence[BaseMessage], tools: Sequence[Mapping[str, Any]]) -> Turn:
    """After results, what came of them; else what to do about the last human message."""
    results = _results(messages)
    if results:
        return Turn(_told(messages, results))
    said, before = _asked(messages)
    found = await guess(said, before, [Declared.read(one) for one in tools], datetime.now(UTC).date())
    return _turn(found)


def _turn(found: Guess) -> Turn:
    calls = [
        ToolCallChunk(
            name=name,
            args=json.dumps(arguments, ensure_ascii=False),
            id=f"call_{uuid4().hex[:12]}",
            index=index,
            type="tool_call_chunk",
        )
        for index, (name, arguments) in enumerate(found.calls)
    ]
    return Turn(found.sentence, calls)


def _results(messages: Sequence[BaseMessage]) -> list[ToolMessage]:
    """The results at the end of the conversation."""
    found: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        found.insert(0, message)
    return found


def _told(messages: Sequence[BaseMessage], results: Sequence[ToolMessage]) -> str:
    names = {
        str(call["id"]): call["name"].replace("__", ".", 1)
        for message in messages
        if isinstance(message, AIMessage)
        for call in message.tool_calls
    }
    lines = [_line(names.get(one.tool_call_id, "The tool"), one) for one in results]
    return lines[0] if len(lines) == 1 else "\n".join(f"- {line}" for line in lines)


def _line(name: str, result: ToolMessage) -> str:
    text = str(result.text).strip()
    is_error = result.status == "error" or text.startswith(FAILED)
    text = text.removeprefix(FAILED)
    if match := _UNTRUSTED.match(text):
        text = match["text"].replace("&lt;", "<").replace("&amp;", "&").strip()
    text = _readable(text)
    if len(text) > LONGEST:
        text = f"{text[:LONGEST].rstrip()} …"
    failed = "failed: " if is_error and not text.startswith("Not done.") else ""
    return f"{name}: {failed}{text or 'done'}".replace(": \n", ":\n", 1)


def _readable(text: str) -> str:
    """A record or a list as people write them down, on lines of their own; other text as it is."""
    if text[:1] not in ("{", "["):
        return text
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return text
    import yaml

    return "\n" + yaml.safe_dump(found, allow_unicode=True, sort_keys=False, width=1000).strip()


def _asked(messages: Sequence[BaseMessage]) -> tuple[str, str]:
    """The last human message, and the task before it if the last answer asked for what was missing in that."""
    humans = [
        at for at, message in enumerate(messages) if message.type == "human" and str(message.text).strip()
    ]
    if not humans:
        return "", ""
    last = humans[-1]
    said = str(messages[last].text).strip()
    answered = messages[last - 1] if last else None
    asks = answered is not None and answered.type == "ai" and str(answered.text).rstrip().endswith("?")
    if not asks or len(humans) < 2:
        return said, ""
    earlier = _task(messages, humans, len(humans) - 2)
    return said, earlier


def _task(messages: Sequence[BaseMessage], humans: Sequence[int], at: int) -> str:
    """A task over all the turns in which it was completed."""
    said = str(messages[humans[at]].text).strip()
    answered = messages[humans[at] - 1] if humans[at] else None
    if at and answered is not None and answered.type == "ai" and str(answered.text).rstrip().endswith("?"):
        return f"{_task(messages, humans, at - 1)}; {said}"
    return said
