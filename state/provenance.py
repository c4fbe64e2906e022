"""Where texts come from, and what is said of a tool call whose arguments derive from them. Plain data, never values."""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict  # schemas need this one before Python 3.12

Kind = Literal["system", "user", "document", "tool", "web", "model"]
Risk = Literal["read", "write", "destructive", "outward", "money"]
Role = Literal["recipient", "url", "account", "amount", "target", "command", "link", "body", "value"]
"""What an argument is for. target: the record, file or id that is acted upon. link: an address, URL or account number
that stands inside a longer text. body: content. value: all else."""


class Origin(TypedDict):
    """Who wrote a text. name: a document's path, a tool's name, a host. trusted: may name whom and what to act upon."""

    kind: Kind
    name: str
    trusted: bool


class SourcedText(TypedDict):
    """A text that the model saw, with its origin."""

    text: str
    origin: Origin


class ToolCall(TypedDict):
    """A call that a model asks for. parameters: the tool's JSON schema. roles: of arguments, by path or by name."""

    name: str
    args: dict[str, Any]
    risk: Risk
    parameters: NotRequired[dict[str, Any]]
    roles: NotRequired[dict[str, Role]]


class Reason(TypedDict):
    """An argument, such as "to[0]", and the untrusted origins that it derives from."""

    path: str
    role: Role
    origins: list[Origin]


class Decision(TypedDict):
    """What is done about a call; reasons: empty if it is allowed. risk: as judged, a read of a URL is outward."""

    action: Literal["allow", "approve", "refuse"]
    risk: Risk
    code: str
    sentence: str
    reasons: list[Reason]
