"""Spans of a text that may be meant as a string: what marks itself, names, clauses, and phrases of content words."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from tools.acting.extracting.marked import marked
from tools.acting.extracting.named import named
from tools.acting.extracting.spans import Phrase
from tools.acting.extracting.text import BREAKS, VERBS, Text

WHOLE = frozenset({"address", "link", "path", "grouped"})
"""Kinds of which no part is a value of its own."""
LONGEST = 5
"""Words of a phrase."""
_OPENERS = frozenset({"please", "to", "you", "then", "and", ".", "!", "?", ":", ";", '"', "'"})
_CUE = re.compile(
    r"\b(?:saying|says?|stating|telling (?:him|her|them)|tell (?:him|her|them)|because(?! of)|with the (?:text|message|body|reason|note|title|subject)"
    r"|asking|reads?|about|for the reason|(?<=\w )that)(?:\s+that)?\s*:?\s+|(?<=\w):\s+",
    re.IGNORECASE,
)
_SAID = re.compile(r"(?!\d)[^;.!?]{3,400}")
_CUT = re.compile(r",\s|\s+(?:with|from|on|at|saying|stating|because|about) (?=\w)", re.IGNORECASE)


def phrases(text: Text) -> list[Phrase]:
    """Every span that may be meant, each once: what marks itself comes first."""
    found: dict[tuple[int, int], Phrase] = {}
    for phrase in (*marked(text.text), *named(text.text), *_content(text), *_clauses(text.text)):
        found.setdefault((phrase.start, phrase.end), phrase)
    wholes = [(one.start, one.end) for one in found.values() if one.kind in WHOLE]
    return [one for one in found.values() if not any(inside(one.start, one.end, whole) for whole in wholes)]


def inside(start: int, end: int, whole: tuple[int, int]) -> bool:
    """Whether it is a part of the span, and not all of it."""
    return whole[0] <= start and end <= whole[1] and (start, end) != whole


def _clauses(text: str) -> Iterator[Phrase]:
    """What is said after "saying that", "because", "about" or a colon: to the next comma, or to the sentence's end."""
    for match in _CUE.finditer(text):
        found = _SAID.match(text, match.end())
        said = found[0].strip(" '\"") if found else ""
        if len(said) < 3:
            continue
        start = text.index(said, match.end())
        cue = match[0].split()[0].lower().strip(":") or ":"
        yield Phrase(start, start + len(said), said, "clause", cue)
        first = _CUT.split(said)[0]
        if first != said and len(first) > 2:
            yield Phrase(start, start + len(first), first, "clause", f"{cue} cut")


def _content(text: Text) -> Iterator[Phrase]:
    """Runs of content words, their parts, and two that "of" joins."""
    found = runs(text)
    yield from _joined(text, found)
    for first, last in found:
        for begin in range(first, last):
            for end in range(begin + 1, min(last, begin + LONGEST) + 1):
                if _cuts(text, begin) or _cuts(text, end):
                    continue
                start, stop = text.spans[begin][0], text.spans[end - 1][1]
                value = re.sub(r"['’]s$", "", text.text[start:stop])
                part = _part(begin == first, end == last)
                yield Phrase(start, start + len(value), value, "phrase", part)


def _joined(text: Text, found: Sequence[tuple[int, int]]) -> Iterator[Phrase]:
    """The last words of a run with the next: "the moons of Saturn", "the law of large numbers"."""
    for (first, last), (begin, end) in pairwise(found):
        between = [word.lower() for word in text.words[last:begin]]
        if between and between[0] == "of" and set(between[1:]) <= {"the", "a", "an"}:
            for at in range(max(first, last - 2), last):
                start, stop = text.spans[at][0], text.spans[end - 1][1]
                yield Phrase(start, stop, text.text[start:stop], "phrase", "of")


def _cuts(text: Text, at: int) -> bool:
    """Whether the place before this token lies within a word that a mark holds together."""
    return any(
        0 < mark < len(text.spans) and text.words[mark] in "-/'’" and _tight(text, mark)
        for mark in (at, at - 1)
    )


def _part(at_start: bool, at_end: bool) -> str:
    if at_start:
        return "whole" if at_end else "start"
    return "end" if at_end else "inner"


def runs(text: Text) -> list[tuple[int, int]]:
    """Runs of tokens that are content words, the end exclusive; hyphens and apostrophes hold words together."""
    found: list[tuple[int, int]] = []
    begin = None
    for at, word in enumerate([*text.words, ","]):
        joins = word in "-/'’" and begin is not None and _tight(text, at)
        opens = word.lower() in VERBS and (at == 0 or text.words[at - 1].lower() in _OPENERS)
        is_content = joins or (word[0].isalnum() and word.lower() not in BREAKS and not opens)
        if is_content and begin is None:
            begin = at
        elif not is_content and begin is not None:
            found.append((begin, at))
            begin = None
    return found


def _tight(text: Text, at: int) -> bool:
    """Whether a mark stands between two words without a blank."""
    if at + 1 >= len(text.spans):
        return False
    start, end = text.spans[at]
    return text.spans[at - 1][1] == start and text.spans[at + 1][0] == end
