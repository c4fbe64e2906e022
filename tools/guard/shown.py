"""A passage as a model is shown it: its title and headings above its text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from state.passages import PassageData

BETWEEN = "\n\n"
_SIGN = re.compile(r"\S")


def shown(title: str, headings: Sequence[str], text: str) -> str:
    """All that a model reads of a passage, as the guard looks at it."""
    return BETWEEN.join((title, *headings, text))


def above(passage: PassageData) -> int:
    """The characters that stand before the passage's text."""
    return len(shown(passage["title"], passage["headings"], ""))


def blackened(passage: PassageData, spans: Iterable[tuple[int, int]]) -> PassageData:
    """The passage with a black bar over spans of what is shown of it.

    Every sign becomes one sign, so that all offsets into the document stay true: what is read, quoted, verified and
    cited is the same text.
    """
    whole = shown(passage["title"], passage["headings"], passage["text"])
    for start, end in spans:
        whole = whole[:start] + _SIGN.sub("█", whole[start:end]) + whole[end:]
    parts: list[str] = []
    for part in (passage["title"], *passage["headings"], passage["text"]):
        parts.append(whole[: len(part)])
        whole = whole[len(part) + len(BETWEEN) :]
    return {**passage, "title": parts[0], "headings": parts[1:-1], "text": parts[-1]}
