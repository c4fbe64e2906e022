"""A request in the OpenAI protocol, on its way through the door."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID, uuid4

import orjson

from state.caller import Caller
from tools.models.entry import Entry
from tools.models.facts import GATEWAY, Facts
from tools.models.form import Form
from tools.models.tokens import input_tokens

Path = Literal["/chat/completions", "/embeddings", "/rerank"]

MOST_OUTPUT = 4096
"""Tokens of an answer where neither the request nor the catalog limits it; the request then says so."""


@dataclass(slots=True)
class Call:
    """A request: `body` as an object, `raw` the bytes it came as, if it came as bytes. `asked`: a model, or by role.

    `form`: a structure that is asked for besides, of each deployment in its own way. `canary`: a word of the system
    prompt that must never come out.
    """

    caller: Caller
    body: Mapping[str, Any]
    asked: str | None = None
    role: str = GATEWAY
    path: Path = "/chat/completions"
    raw: bytes | None = None
    prompt_hash: str = ""
    form: Form | None = None
    canary: str = ""
    id: UUID = field(default_factory=uuid4)
    input_tokens: int = 0

    def __post_init__(self) -> None:
        self.input_tokens = input_tokens(self.body) + (self.form.tokens if self.form else 0)

    def facts(self) -> Facts:
        """What routing is told."""
        identity = self.caller.identity
        return Facts(
            asked=self.asked,
            role=self.role,
            tenant=identity.tenant,
            groups=identity.groups,
            needs=needs(self.body, self.path),
            input_tokens=self.input_tokens,
            max_output=limit(self.body) or 0,
            share_key=self.caller.run or str(self.id),
        )

    def output_bound(self, entry: Entry) -> int:
        """The most tokens that all answers to this request can have there."""
        if self.path != "/chat/completions":
            return 0
        found = [bound for bound in (limit(self.body), entry.max_output) if bound]
        return min(found, default=MOST_OUTPUT) * _answers(self.body)

    def body_for(self, entry: Entry) -> Mapping[str, Any]:
        """What a deployment is asked."""
        return self.form.body_for(entry, self.body) if self.form else self.body

    def with_messages(self, messages: Sequence[Any]) -> "Call":
        """The same call about other messages; its size stays as it was measured."""
        other = copy(self)
        other.body, other.raw = {**self.body, "messages": messages}, None
        return other

    def bytes_for(self, entry: Entry) -> bytes:
        """The body for a deployment: the very bytes that came, if nothing in them has to change."""
        changes = self._changes(entry)
        if not changes and self.raw is not None:
            return self.raw
        return orjson.dumps({**self.body_for(entry), **changes})

    def _changes(self, entry: Entry) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        if self.body.get("model") != entry.model:
            changes["model"] = entry.model
        if self.path != "/chat/completions":
            return changes
        options = self.body.get("stream_options") or {}
        if self.body.get("stream") and not options.get("include_usage"):
            changes["stream_options"] = {**options, "include_usage": True}
        if limit(self.body) is None and entry.max_output is None:
            # OpenAI's reasoning models refuse the older name, other servers do not know the newer one.
            name = "max_completion_tokens" if entry.provider in ("openai", "azure") else "max_tokens"
            changes[name] = MOST_OUTPUT
        return changes


def limit(body: Mapping[str, Any]) -> int | None:
    """The most tokens that a request allows its answer."""
    given = [body.get(name) for name in ("max_completion_tokens", "max_tokens")]
    return min((n for n in given if isinstance(n, int) and n > 0), default=None)


def needs(body: Mapping[str, Any], path: Path) -> frozenset[str]:
    """The capabilities that a request takes for granted."""
    if path != "/chat/completions":
        return frozenset({path.removeprefix("/")})
    form = body.get("response_format")
    found = {
        "tools": bool(body.get("tools")),
        "json_schema": isinstance(form, dict) and form.get("type") == "json_schema",
        "logprobs": bool(body.get("logprobs")),
        "vision": _has_part(body, "image_url"),
        "audio": _has_part(body, "input_audio"),
    }
    return frozenset(name for name, is_needed in found.items() if is_needed)


def _has_part(body: Mapping[str, Any], kind: str) -> bool:
    contents = [m.get("content") for m in body.get("messages", ()) if isinstance(m, dict)]
    parts = (part for content in contents if isinstance(content, list) for part in content)
    return any(isinstance(part, dict) and part.get("type") == kind for part in parts)


def _answers(body: Mapping[str, Any]) -> int:
    n = body.get("n")
    return n if isinstance(n, int) and n > 1 else 1
