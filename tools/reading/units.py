"""Cuts passages into units: the sentences, list items and table rows that an answer may quote."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, NamedTuple

from tools.passages import Passage
from tools.sentences import sentence_spans

_MARKER = re.compile(r"(?:[-*+•◦▪–—]|\(?\d{1,3}[.)]|\(?[A-Za-z][.)])\s+")
_HEADING = re.compile(r"#{1,6}\s+")
_RULE = re.compile(r"[\s|:\-=_*]+")
_LONGEST_HEADING = 8  # words of a line without a closing mark that still reads as a heading
_LONGEST_ITEM = 60  # words of a list item quoted whole

Kind = Literal["sentence", "item", "step", "row", "heading"]


@dataclass(frozen=True, slots=True)
class Unit:
    """A quotable stretch, `text == passage.text[start:end]`, with what a reader knows on reaching it."""

    passage: int  # place of its passage in the sequence, from 0
    start: int
    end: int
    text: str
    kind: Kind
    headings: tuple[str, ...]  # title, heading path, heading inside the passage
    lead: str  # the sentence above a list; the sentence above a table and its first row
    previous: str  # the unit before it under the same heading
    group: int  # the same for the items of one list or the rows of one table


class _Span(NamedTuple):
    kind: Kind
    start: int
    end: int


def units(passages: Sequence[Passage]) -> list[Unit]:
    """The units of all passages, in reading order."""
    return [unit for place, passage in enumerate(passages) for unit in _of_passage(place, passage)]


def _of_passage(place: int, passage: Passage) -> Iterator[Unit]:
    path = tuple(dict.fromkeys(name for name in (passage.title, *passage.headings) if name))
    inner, previous = "", ""
    runs = groupby(_classified(passage), key=lambda span: span.kind)
    for group, (kind, run) in enumerate(runs):
        spans = list(run)
        texts = [passage.text[span.start : span.end] for span in spans]
        if kind == "heading":
            inner, previous = texts[-1], ""
            continue
        lead = previous if kind != "sentence" else ""
        if kind == "row" and len(spans) > 1:
            lead = f"{lead}\n{texts[0]}".strip()
            spans, texts = spans[1:], texts[1:]
        headings = path if not inner or inner in path else (*path, inner)
        for span, text in zip(spans, texts, strict=True):
            yield Unit(place, span.start, span.end, text, kind, headings, lead, previous, group)
            previous = text


def _classified(passage: Passage) -> list[_Span]:
    names = {name.casefold() for name in (passage.title, *passage.headings)}
    spans: list[_Span] = []
    for start, end in sentence_spans(passage.text):
        text = passage.text[start:end]
        if _RULE.fullmatch(text):
            continue
        before = spans[-1] if spans and "\n" not in passage.text[spans[-1].end : start] else None
        if before and before.kind in ("item", "step") and _fits_item(passage.text[before.start : end]):
            spans[-1] = _Span(before.kind, before.start, end)
        elif before and before.kind != "heading":
            spans.append(_Span(before.kind, start, end))
        else:
            ends_line = passage.text[end : end + 1] == "\n"
            spans.append(_classify(text, start, end, ends_line, names))
    return spans


def _fits_item(text: str) -> bool:
    """Whether the sentences of a list item are short enough to be quoted as one."""
    return len(text.split()) <= _LONGEST_ITEM


def _classify(text: str, start: int, end: int, ends_line: bool, names: set[str]) -> _Span:
    if heading := _HEADING.match(text):
        return _Span("heading", start + heading.end(), end)
    if marker := _MARKER.match(text):
        kind: Kind = "step" if marker.group().strip("(.) \t")[:1].isalnum() else "item"
        return _Span(kind, start + marker.end(), end)
    if " | " in text:
        return _Span("row", start, end)
    # A line that is a question stands over its answer, as in a list of frequent questions.
    asks = ends_line and text.endswith("?")
    short = ends_line and text[-1].isalnum() and len(text.split()) <= _LONGEST_HEADING
    return _Span("heading" if asks or short or text.casefold() in names else "sentence", start, end)
