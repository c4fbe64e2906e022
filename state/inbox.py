"""What a run asks a person, in the schema of Agent Inbox (langchain-ai/agent-inbox), and what may come back."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict


class Action(TypedDict):
    """What will happen if it is accepted: a name and its arguments."""

    action: str
    args: dict[str, Any]


class Allowed(TypedDict):
    """The answers that are taken."""

    allow_accept: bool
    allow_edit: bool
    allow_respond: bool
    allow_ignore: bool


class Request(TypedDict):
    """One question to a person; `description` says in Markdown what it is about.

    form: JSON Schema of what an edit may hold, where a tool asks something; an addition of ours to the schema.
    """

    action_request: Action
    config: Allowed
    description: str
    form: NotRequired[dict[str, Any]]


Answer = Literal["accept", "edit", "response", "ignore"]


def answer_of(given: Any) -> tuple[Answer | None, Any]:
    """The kind of an answer and its arguments; None for anything that is no answer. Inboxes send a list of one."""
    if isinstance(given, list) and len(given) == 1:
        given = given[0]
    kind = given.get("type") if isinstance(given, dict) else None
    if kind not in ("accept", "edit", "response", "ignore"):
        return None, None
    return kind, given.get("args")
