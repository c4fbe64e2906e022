"""What a guard said of a text, as it stands in state, traces and the audit: where and why, never the text itself."""

from typing import Literal

from typing_extensions import TypedDict  # schemas need this one before Python 3.12

Direction = Literal["input", "passage", "tool", "output"]
"""Whose text it is: the asker's, a document's, a tool's result, the model's answer."""
Action = Literal["allow", "redact", "flag", "ask", "refuse"]


class GuardVerdict(TypedDict):
    """One finding: characters `start` to `end` of the text as written, and what the policy does about it.

    source: what the text was, such as "question" or a passage's id. score: 0..1. ms: what the check took.
    policy: the name and hash of the policy. dry_run: the action was not taken.
    """

    direction: Direction
    source: str
    check: str
    rule: str
    start: int
    end: int
    score: float
    action: Action
    code: str
    sentence: str
    ms: float
    policy: str
    dry_run: bool


def takes(verdict: GuardVerdict, action: Action) -> bool:
    """Whether this is done about it, and not only in a dry run."""
    return verdict["action"] == action and not verdict["dry_run"]
