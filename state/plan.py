"""What is done to a question before it is searched for, and why: plain data that the machine shows."""

from typing import Literal

from typing_extensions import TypedDict  # schemas need this one before Python 3.12


class Query(TypedDict):
    """One text that is searched for, and why."""

    text: str
    reason: str


class Correction(TypedDict):
    """A word that no visible document holds, and the one that was taken for it."""

    typed: str
    meant: str


class Expansion(TypedDict):
    """A name of the question, and the other form of it that the documents explain."""

    of: str
    to: str


class Plan(TypedDict):
    """`queries` are searched together; `phrases` are to stand in a passage as they are.

    way: "short" is one search; "careful" has further queries. why: the reason for it, as a sentence.
    """

    standalone: str
    queries: list[Query]
    corrections: list[Correction]
    expansions: list[Expansion]
    phrases: list[str]
    way: Literal["short", "careful"]
    why: str
