"""What a server asks back while a tool of its runs, and the answers that people have given to that."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any
from urllib.parse import urlsplit

from state.agent import Question
from state.errors import KairosError
from tools.mcp import faults, schemas

LONGEST = 2_000
MOST_FIELDS = 20
_SECRET = re.compile(
    r"pass(word|phrase|code)|secret|token|api.?key|credential|\bpin\b|\bcvv\b", re.IGNORECASE
)

_answered: ContextVar[Sequence[Question]] = ContextVar("answered", default=())


class AskedBackError(KairosError):
    """The tool asks a person something, and was told that nobody answers yet. said: what it made of that."""

    def __init__(self, tool: str, question: Question, said: str) -> None:
        asks = faults.said(question["message"])
        super().__init__("tool_needs_input", f"{tool} was stopped, because it asks: {asks}")
        self.question, self.said = question, said


@contextmanager
def answered_with(questions: Sequence[Question]) -> Iterator[None]:
    """Within, calls that ask one of the questions get its answer."""
    token = _answered.set(questions)
    try:
        yield
    finally:
        _answered.reset(token)


def answers() -> Sequence[Question]:
    """Of the call that is made here."""
    return _answered.get()


def answer_to(question: Question, given: Sequence[Question]) -> Question | None:
    """The same question with its answer; a site to go to may be another at each call."""
    return next((one for one in given if (one["message"], one["form"]) == _same(question)), None)


def _same(question: Question) -> tuple[str, dict[str, Any]]:
    return question["message"], question["form"]


def form_question(tool: str, message: str, form: Mapping[str, Any]) -> Question:
    """A question that is answered by filling in a form (JSON Schema of an object).

    Raises KairosError tool_failed for one that nobody should be asked: the protocol forbids forms for secrets.
    """
    fields = form.get("properties")
    if not isinstance(fields, dict) or not 0 < len(fields) <= MOST_FIELDS or schemas.wrong(form):
        raise KairosError("tool_failed", f"{tool} asks for what no form can hold, and was stopped.")
    if any(_SECRET.search(f"{name} {_titles(about)}") for name, about in fields.items()):
        raise KairosError("tool_failed", f"{tool} asks for a secret, and was stopped.")
    checked = schemas.checkable({**form, "type": "object", "additionalProperties": False})
    return Question(message=message[:LONGEST], form=checked, url="", answer=None)


def site_question(tool: str, message: str, url: str) -> Question:
    """A question that is answered at a site of the server's. Raises KairosError tool_failed for no web address."""
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or not url.isprintable():
        raise KairosError("tool_failed", f"{tool} sends people to no web address, and was stopped.")
    return Question(message=message[:LONGEST], form={}, url=url[:LONGEST], answer=None)


def _titles(about: Any) -> str:
    return f"{about.get('title', '')}" if isinstance(about, dict) else ""
