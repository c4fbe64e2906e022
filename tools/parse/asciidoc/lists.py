"""Lists of AsciiDoc: a mark for each depth, terms with what is said of them, blocks that hang on an item."""

import re
from collections.abc import Callable, Iterator

from tools.parse.asciidoc.lines import (
    AROUND,
    CODE,
    IMAGE,
    SECTION,
    TABLE,
    TITLE,
    Lines,
    alternative,
    begins_block,
)

_ITEM = re.compile(r"([ \t]*)(\*{1,6}|-|•|\.{1,6}|\d{1,3}\.|[a-z]\.|<(?:\d{1,3}|\.)>)[ \t]+(\S.*)$")
_TERM = re.compile(r"([ \t]*)(\S[^\n]{0,300}?)(:{2,4}|;;)(?:[ \t]+(\S.*))?$")

_DEEPEST = 12

Read = Callable[[str], str]


def begins_list(line: str) -> bool:
    return bool(_ITEM.match(line)) or (bool(_TERM.match(line)) and line[0] not in " \t")


def list_lines(lines: Lines, read: Read) -> Iterator[str]:
    """One line an item, deeper ones and what hangs on them indented by two blanks."""
    outer: list[tuple[int, str]] = []
    numbers: list[int] = []
    while not lines.ended():
        line = lines.here()
        if match := _ITEM.match(line) or _TERM.match(line):
            depth = _depth(outer, (len(match[1].expandtabs(4)), _kind(match)))
            numbers = [*numbers[: depth + 1], *[0] * (depth + 1 - len(numbers))]
            numbers[depth] += 1
            yield "  " * depth + _shown(match, numbers[depth], read)
            lines.at += 1
        elif not line:
            lines.skip_blank()
            following = lines.here()
            if not (_ITEM.match(following) or _TERM.match(following) or following == "+"):
                return
        elif line == "+":
            lines.at += 1
        elif lines.here(-1) != "+" and (
            SECTION.match(line) or begins_block(line) or TITLE.match(line) or line[:2] == "//"
        ):
            return
        else:
            yield from ("  " * len(outer) + said for said in _hanging(lines, line, read))


def _kind(match: re.Match[str]) -> str:
    """The mark of an item without its number; of a term the colons behind it."""
    return match[3] if match.re is _TERM else re.sub(r"\d+", "1", match[2])


def _shown(match: re.Match[str], number: int, read: Read) -> str:
    if match.re is _TERM:
        return f"- {read(match[2])}: {read(match[4] or '')}".rstrip()
    numbered = match[2][0] in ".<" or match[2][-1] == "."
    return (f"{number}. " if numbered else "- ") + read(match[3])


def _depth(outer: list[tuple[int, str]], key: tuple[int, str]) -> int:
    """How deep an item lies; `outer` keeps indent and mark of the items around it."""
    if key in outer:
        del outer[outer.index(key) + 1 :]
    else:
        while outer and outer[-1][0] > key[0]:
            outer.pop()
        outer.append(key)
        del outer[_DEEPEST:]
    return len(outer) - 1


def _hanging(lines: Lines, line: str, read: Read) -> list[str]:
    """What stands below an item: the rest of its text, or a block that hangs on it."""
    if CODE.match(line) or TABLE.match(line):
        return lines.enclosed(line)
    lines.at += 1
    if AROUND.match(line) or line.startswith("["):
        return []
    image = IMAGE.match(line)
    return [read(alternative(image[1]) if image else line.strip())]
