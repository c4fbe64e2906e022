"""From the lines of a PDF to headings, paragraphs and lists."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from tools.parse.document import Block

_BULLET = re.compile(r"\A(?:[•◦▪‣●○■\uf0b7\uf0a7]\s*|[-–*]\s+)")
_ITEM = re.compile(r"(?:[•◦▪‣●○■\uf0b7\uf0a7]|[-–*]\s|\(?\d{1,2}[.)]\s|\(?[a-z][.)]\s)\s*")
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"\w+")
_CUT_WORD = re.compile(r"(\w+)[-\u00ad\x02\ufffe]\Z")
_BIGGER = 1.15  # times the body size: a heading
_LONGEST_HEADING = 150  # characters
_EDGE_LINES = 2  # at the top and the bottom of a page, where running heads stand


class Line(NamedTuple):
    """A line of text, its page (from 1) and its box in points; `size` is the height of its font."""

    text: str
    page: int
    left: float
    right: float
    bottom: float
    size: float
    bold: bool


def without_running_heads(lines: Sequence[Line]) -> list[Line]:
    """`lines` without those at the edge of a page that most pages repeat, page numbers aside."""
    pages: dict[int, list[Line]] = {}
    for line in lines:
        pages.setdefault(line.page, []).append(line)
    if len(pages) < 3:
        return list(lines)
    edges = [{*map(_form, page[:_EDGE_LINES]), *map(_form, page[-_EDGE_LINES:])} for page in pages.values()]
    counts = Counter(form for edge in edges for form in edge)
    running = {form for form, count in counts.items() if count >= max(3, 0.6 * len(pages))}
    kept: list[Line] = []
    for page in pages.values():
        for index, line in enumerate(page):
            at_edge = index < _EDGE_LINES or index >= len(page) - _EDGE_LINES
            if not (at_edge and _form(line) in running):
                kept.append(line)
    return kept


def _form(line: Line) -> tuple[str, int]:
    """What a running head keeps from page to page: its words and, to a few points, its height."""
    return _DIGITS.sub("#", line.text.strip()), round(line.bottom / 4)


def blocks_of(lines: Sequence[Line]) -> Iterator[Block]:
    """Headings by size or bold type, lists by their bullets, else paragraphs of lines put together."""
    if not lines:
        return
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0]
    bold_body = sum(len(line.text) for line in lines if line.bold) * 2 > sizes.total()
    bigger = sorted({line.size for line in lines if line.size >= body * _BIGGER}, reverse=True)
    levels = [_level(line, body, bigger, bold_body) for line in lines]
    step = _usual_step(lines)
    words = set(re.findall(r"\w+-\w+", " ".join(line.text for line in lines)))
    start = 0
    for end in range(1, len(lines) + 1):
        if end == len(lines) or levels[end] != levels[start] or _breaks(lines, start, end, step):
            yield _block(lines[start:end], levels[start], words)
            start = end


def _level(line: Line, body: float, bigger: list[float], bold_body: bool) -> int:
    if len(line.text) > _LONGEST_HEADING or not any(map(str.isalpha, line.text)) or _ITEM.match(line.text):
        return 0
    if line.size in bigger:
        return min(bigger.index(line.size) + 1, 4)
    return min(len(bigger) + 1, 5) if line.bold and not bold_body and line.text[-1] not in ".,;:" else 0


def _usual_step(lines: Sequence[Line]) -> float:
    """The usual distance in points from one line to the next."""
    steps = [a.bottom - b.bottom for a, b in pairwise(lines) if a.page == b.page]
    return median([step for step in steps if step > 1] or [12.0])


def _breaks(lines: Sequence[Line], start: int, at: int, step: float) -> bool:
    """Whether line `at` begins a new block after the one that began at `start`."""
    before, line = lines[at - 1], lines[at]
    ended = before.text.rstrip()[-1:] in ".!?:;"
    distance = before.bottom - line.bottom
    if _ITEM.match(line.text) and not _ITEM.match(lines[start].text):
        return True
    if line.page != before.page or distance < -step:  # the next page or column
        return ended or not line.text[:1].islower()
    if distance > 1.4 * step and distance > 1.4 * before.size:
        return True
    right = max(part.right for part in lines[max(start, at - 8) : at])
    short = before.right < line.left + 0.75 * (right - line.left)
    return not _ITEM.match(line.text) and ended and (short or line.left > before.left + line.size)


def _block(lines: Sequence[Line], level: int, words: set[str]) -> Block:
    page = lines[0].page
    if level:
        return Block("heading", " ".join(line.text for line in lines), level, page)
    if not _ITEM.match(lines[0].text):
        return Block("paragraph", _joined(lines, words), 0, page)
    starts = [index for index, line in enumerate(lines) if _ITEM.match(line.text)]
    items = [_joined(lines[a:b], words) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
    return Block("list", "\n".join(_BULLET.sub("- ", item, count=1) for item in items), 0, page)


def _joined(lines: Sequence[Line], words: set[str]) -> str:
    """The lines as one; a word cut at a line end is put together, unless `words` has it with a hyphen."""
    parts: list[str] = []
    before = ""
    for line in lines:
        cut, rest = _CUT_WORD.search(before), _WORD.match(line.text)
        if cut and rest and line.text[0].islower():
            if f"{cut[1]}-{rest[0]}" not in words:
                parts[-1] = before[: cut.end(1)]
        elif parts:
            parts.append(" ")
        parts.append(line.text)
        before = line.text
    return "".join(parts)
