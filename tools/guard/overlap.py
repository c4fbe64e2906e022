"""Runs of words that stand in another text too, word for word."""

import re
from collections.abc import Iterator, Sequence

_WORD = re.compile(r"[^\W_]++")


def shared_runs(text: str, others: Sequence[str], words: int) -> Iterator[tuple[int, int]]:
    """Spans of the longest runs of at least so many words of `text`, each of whose windows of that many words stands
    in one of `others`; case and marks do not count. Linear in all lengths.
    """
    there = {window for other in others for window in _windows(other, words)}
    if not there:
        return
    firsts = {window[0] for window in there}
    found = list(_WORD.finditer(text))
    folded = [match[0].casefold() for match in found]
    first = last = -1
    for at in range(len(found) - words + 1):
        if folded[at] not in firsts or tuple(folded[at : at + words]) not in there:
            continue
        if first >= 0 and at > last:
            yield found[first].start(), found[last - 1].end()
            first = -1
        first = at if first < 0 else first
        last = at + words
    if first >= 0:
        yield found[first].start(), found[last - 1].end()


def _windows(text: str, size: int) -> Iterator[tuple[str, ...]]:
    words = [match[0].casefold() for match in _WORD.finditer(text)]
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))
