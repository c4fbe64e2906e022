"""Where a text that is still being written may be cut: the same places however it comes in."""

import re
from dataclasses import dataclass

from tools.sentences import sentence_spans

LOOK = 12
"""Characters behind a full stop that settle whether it ends a sentence: blanks and the next word's beginning."""
LIMIT = 300
"""Characters that wait for a full stop; then a blank will do."""
MARGIN = 100
"""Characters read beyond such a blank, so that what stands across it is seen."""
LONGEST_WORD = 2_000
"""Characters of a word without a blank; a longer one is cut in its middle."""

_MAY_END = re.compile(r"[.!?…。！？][)\]\"'”’»」』）]{0,8}\s|[。！？][”’」』）]{0,8}|\n")
_BLANK = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Piece:
    """The next characters to release end at `end`; up to `seen` (never less) they are read before."""

    end: int
    seen: int


def next_piece(text: str, start: int, looked: int, is_whole: bool) -> tuple[Piece | None, int]:
    """The piece that begins at `start`: a sentence, or what fits the limit; None while more text is needed.

    Each decision rests on a stretch of fixed length, so a longer text has the same pieces in the same places. Up to
    `looked`, which is returned too, no sentence ends.
    """
    for match in _MAY_END.finditer(text, max(looked, start), start + LIMIT):
        end = match.end()
        if end + LOOK > len(text) and not is_whole:
            return None, looked
        if _ends(text, start, end):
            return Piece(end, end), end
        looked = end
    if len(text) >= start + LIMIT + MARGIN or is_whole:
        return _forced(text, start, is_whole), looked
    return None, looked


def _ends(text: str, start: int, end: int) -> bool:
    """Whether a sentence that holds no open link or tag ends there."""
    sentence = text[start:end].rstrip()
    if not sentence or _is_open(sentence):
        return False
    return any(stop == len(sentence) for _, stop in sentence_spans(text[start : end + LOOK]))


def _is_open(text: str) -> bool:
    """Whether a link or a tag has begun and not ended: it is looked at whole."""
    tag = text.rfind("<")
    return (
        text.rfind("[") > text.rfind("]")
        or text.rfind("](") > text.rfind(")")
        or (tag > text.rfind(">") and (text[tag + 1 : tag + 2].isalpha() or text[tag + 1 : tag + 2] in "!/"))
    )


def _forced(text: str, start: int, is_whole: bool) -> Piece | None:
    if is_whole and len(text) <= start + LIMIT:
        return Piece(len(text), len(text))
    end = _last_blank(text, start + 1, start + LIMIT)
    if end is None:
        blank = _BLANK.search(text, start + LIMIT, start + LONGEST_WORD)
        end = blank.end() if blank else start + LONGEST_WORD
    if is_whole:
        end = min(end, len(text))
    elif end + MARGIN > len(text):
        return None
    return Piece(end, min(end + MARGIN, len(text)))


def _last_blank(text: str, start: int, stop: int) -> int | None:
    """Where the last blank of a stretch ends."""
    for at in range(stop - 1, start - 1, -1):
        if text[at].isspace():
            return at + 1
    return None
