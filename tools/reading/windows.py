"""A passage as the tokens that the reader takes, in windows where it is long."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.passages import Passage
from tools.reading.units import Unit

LONGEST, LONGEST_QUESTION, LONGEST_HEADING = 256, 64, 48
"""Tokens of a window with its headings, of a question, and of the headings."""
MOST_WINDOWS = 8
"""Of one passage; units past the last one are not read."""
CLS, SEP = 101, 102

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Window:
    """[CLS] title headings text [SEP], of which the first `head` tokens stand above the text.

    units: the tokens (first, end) of each unit that is read in this window; offsets: the characters of the passage
    that each token stands for.
    """

    ids: list[int]
    head: int
    units: list[Span]
    offsets: list[Span]


def question_ids(tokenizer: Any, question: str) -> list[int]:
    """[CLS] question [SEP]; what is too long is not read."""
    return [CLS, *_ids(tokenizer, question)[:LONGEST_QUESTION], SEP]


def windows(tokenizer: Any, passage: Passage, found: Sequence[Unit]) -> list[Window]:
    """The units of a passage, in order, each in one window; those past the last window are left out."""
    names = "\n".join(part for part in (passage.title, " > ".join(passage.headings)) if part)
    head = [CLS, *_ids(tokenizer, names)[:LONGEST_HEADING]]
    body = tokenizer.encode(_encodable(passage.text), add_special_tokens=False)
    starts, ends = [start for start, _ in body.offsets], [end for _, end in body.offsets]
    spans = [(bisect_right(ends, unit.start), bisect_left(starts, unit.end)) for unit in found]
    room = LONGEST - len(head) - 1
    cut = []
    for first, those in _packed(spans, room)[:MOST_WINDOWS]:
        shift = len(head) - first
        units = [(start + shift, min(end, first + room) + shift) for start, end in those]
        offsets = [*[(0, 0)] * len(head), *body.offsets[first : first + room], (0, 0)]
        cut.append(Window([*head, *body.ids[first : first + room], SEP], len(head), units, offsets))
    return cut


def _packed(spans: Sequence[Span], room: int) -> list[tuple[int, list[Span]]]:
    """Runs of units that fit together, each with the token that it begins at: one unit earlier, for the context."""
    runs: list[tuple[int, list[Span]]] = []
    for place, span in enumerate(spans):
        if runs and span[1] <= runs[-1][0] + room:
            runs[-1][1].append(span)
            continue
        before = spans[place - 1][0] if place else 0
        runs.append((before if span[1] <= before + room else span[0], [span]))
    return runs


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer.encode(_encodable(text), add_special_tokens=False).ids)


def _encodable(text: str) -> str:
    # A lone surrogate has no UTF-8 form; one "?" in its place keeps the character offsets.
    return text.encode("utf-8", "replace").decode()
