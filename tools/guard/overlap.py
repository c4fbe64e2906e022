"""Runs of words that stand in another text too, word for word."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]++")


def shared_runs(text: str, other: str, words: int) -> Iterator[tuple[int, int]]:
    """Spans of the longest runs of at least so many words of `text`, each of whose windows of that many words stands
    in `other`; case and marks do not count. Linear in both lengths.
    """
    there = _windows([match[0].casefold() for match in _WORD.finditer(other)], words)
    if not there:
        return
    found = list(_WORD.finditer(text))
    folded = [match[0].casefold() for match in found]
    first = last = -1
    for at in range(len(found) - words + 1):
        if tuple(folded[at : at + words]) not in there:
            continue
        if first >= 0 and at > last:
            yield found[first].start(), found[last - 1].end()
            first = -1
        first = at if first < 0 else first
        last = at + words
    if first >= 0:
        yield found[first].start(), found[last - 1].end()


def _windows(words: list[str], size: int) -> set[tuple[str, ...]]:
    return {tuple(words[at : at + size]) for at in range(len(words) - size + 1)}
