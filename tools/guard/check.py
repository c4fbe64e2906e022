"""A check looks at a text and says where it breaks which rule; what is done about it, a policy says."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict

from state.guard import Direction
from tools.guard.memo import Memo

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from state.identity import Identity
    from tools.guard.injection.finding import Finding


@dataclass(frozen=True, slots=True)
class Hit:
    """Characters `start` to `end` (exclusive) of the text as written break `rule`; score in 0..1."""

    rule: str
    start: int
    end: int
    score: float = 1.0


@dataclass(frozen=True, slots=True)
class About:
    """What is known besides the text.

    question: what was asked. vector: MiniLM's of the text (384,), if it is known. given: texts that a model was shown
    before it wrote (prompt, passages, tool results). canary: a word of the system prompt that must never come out.
    system: our own instructions to the model, without passages; they must not come out either.
    acts: the text asks for something to be done, as commands do. memo: what checks of this request share.
    finding: what the classifier for documents has already made of the text, by the same weights.
    """

    identity: Identity | None = None
    question: str = ""
    vector: NDArray[np.float32] | None = None
    given: tuple[str, ...] = ()
    canary: str = ""
    system: str = ""
    acts: bool = False
    memo: Memo = field(default_factory=Memo, init=False, repr=False, compare=False)
    finding: Finding | None = None


class NoOptions(BaseModel):
    """Of a check that has nothing to set."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Find = Callable[[str, Any, About], Awaitable[list[Hit]]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check by its name; `options` validates what a policy sets, and `find` gets an instance of it.

    `code` and `sentence` stand where the policy gives none of its own. whole: only a whole text can be judged, so a
    stream is at its end. reach: characters before a sentence in which what the sentence completes may have begun; of so
    many, a stream holds back what may be the beginning of the canary (0: each sentence shows its own).
    """

    name: str
    directions: frozenset[Direction]
    find: Find
    code: str
    sentence: str
    options: type[BaseModel] = NoOptions
    whole: bool = False
    reach: int = 0
