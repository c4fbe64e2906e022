"""Plain text to blocks."""

import re
from collections.abc import Iterator
from itertools import pairwise

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document

_MARKER = re.compile(r"\s*(?:[-*+•◦▪·]|\d{1,3}[.)]|\(?[a-z]\))\s+(?=\S)")
_BULLET = re.compile(r"(?<!\S)[-*+•◦▪·](?=\s)")
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){1,4})\.?\s+[A-Z]\S*(?:\s+\S+){0,9}\Z")
_RULE = re.compile(r"(?:={3,}|-{3,})\s*\Z")
_WRAPPED = 50  # characters; a line this long that ends without a full stop goes on below


def parse_plain(name: str, data: bytes) -> Document:
    """Paragraphs and lists by their lines; headings only where underlined, numbered or in capitals."""
    blocks = list(text_blocks(clean(decode(data))))
    return assemble(title_of(name, blocks), "text/plain", blocks)


def text_blocks(text: str) -> Iterator[Block]:
    """The blocks of `text`, which blank lines part."""
    for group in re.split(r"\n(?:[ \t]*\n)+", text):
        lines = [line.rstrip() for line in group.split("\n") if line.strip()]
        start = 0
        while start < len(lines):
            end, block = _block(lines, start)
            yield block
            start = end


def _block(lines: list[str], start: int) -> tuple[int, Block]:
    """The block that begins at line `start`, and the line after its last one."""
    first = lines[start]
    if _underlined(lines, start):
        return start + 2, Block("heading", first, 1 if lines[start + 1][0] == "=" else 2)
    if len(lines) == 1 and (level := _heading_level(first.strip())):
        return 1, Block("heading", first, level)
    listed, end = bool(_MARKER.match(first)), start + 1
    while end < len(lines) and not _underlined(lines, end):
        marked = bool(_MARKER.match(lines[end]))
        if marked != listed and not (listed and _goes_on(lines[end - 1], lines[end])):
            break
        end += 1
    whole = _joined(lines[start:end])
    if listed:
        return end, Block("list", "\n".join(_BULLET.sub("-", line, count=1) for line in whole))
    return end, Block("paragraph", "\n".join(whole))


def _underlined(lines: list[str], at: int) -> bool:
    return at + 1 < len(lines) and bool(_RULE.match(lines[at + 1])) and len(lines[at]) < 100


def _joined(lines: list[str]) -> list[str]:
    """`lines` with wrapped ones put together, words hyphenated at the line end too."""
    whole: list[list[str]] = []
    for before, line in pairwise(["", *lines]):
        if not whole or not _goes_on(before, line):
            whole.append([line])
        elif re.search(r"[a-z]-\Z", before) and line.lstrip()[0].islower():
            whole[-1][-1] = whole[-1][-1][:-1]
            whole[-1].append(line.lstrip())
        else:
            whole[-1] += [" ", line.lstrip()]
    return ["".join(parts) for parts in whole]


def _goes_on(before: str, line: str) -> bool:
    """Whether `line` is the wrapped rest of the line before it."""
    if _MARKER.match(line) or "\t" in line.strip():
        return False
    return len(before) >= _WRAPPED or line.lstrip()[:1].islower()


def _heading_level(line: str) -> int:
    """Level of a line that stands alone and is surely a heading, else 0."""
    if len(line) > 80 or line[-1] in ".,;:!?":
        return 0
    if match := _NUMBERED.match(line):
        return min(1 + match[1].count("."), 6)
    words = line.split()
    return 2 if line.isupper() and len(words) <= 10 and sum(map(len, words)) > 3 else 0
