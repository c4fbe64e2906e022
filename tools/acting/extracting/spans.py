"""What a span of a text is that may be meant as a string."""

from dataclasses import dataclass
from typing import Literal

PhraseKind = Literal[
    "quoted", "clause", "names", "joined", "place", "code", "address", "link", "path", "grouped", "formula", "phrase"
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Phrase:
    """part: of a run of content words, how it lies in it (whole, start, end, inner); whole for the other kinds."""

    start: int
    end: int
    value: str
    kind: PhraseKind
    part: str = "whole"
