"""AsciiDoc to blocks."""

import re
from collections.abc import Iterator

from tools.parse.asciidoc_inline import filled, inline
from tools.parse.asciidoc_table import table_rows
from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.front_matter import split_front_matter
from tools.parse.media_types import ASCIIDOC

_SECTION = re.compile(r"(={1,6}|#{1,6})[ \t]+(\S.*?)(?:[ \t]+\1)?$")
_UNDERLINE = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_ATTRIBUTE = re.compile(r":(!?[\w-]+!?):(?:[ \t]+(.*))?$")
_DIRECTIVE = re.compile(r"(?:include|ifn?def|ifeval|endif|toc)::[^\[]*\[.*\]$")
_IMAGE = re.compile(r"(?:image|video|audio)::[^\s\[]+\[(.*)\]$")
_MACRO = re.compile(r"[a-z]\w*::\S*\[.*\]$")
_CODE = re.compile(r"(-{4,}|\.{4,}|\+{4,}|`{3})(?:\w*)$")
_AROUND = re.compile(r"(?:={4,}|\*{4,}|_{4,}|--|~{4,})$")  # marks around blocks that are read as they are
_TABLE = re.compile(r"([|,:!])={3,}$")
_ITEM = re.compile(r"([ \t]*)(\*{1,6}|-|•|\.{1,6}|\d{1,3}\.|[a-z]\.|<(?:\d{1,3}|\.)>)[ \t]+(\S.*)$")
_TERM = re.compile(r"([ \t]*)(\S.*?)(:{2,4}|;;)(?:[ \t]+(\S.*))?$")
_AUTHOR = re.compile(r"[^\W\d_][\w.' -]+ <[^<>\s]+>(?:; .+)?$")
_REVISION = re.compile(r"v?\d+\.\d[^\n]*$")
_ADMONITION = re.compile(r"\[(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION)\b")


def parse_asciidoc(name: str, data: bytes) -> Document:
    """A page with its attributes put in; what it includes from other files is left out."""
    metadata, source = split_front_matter(clean(decode(data)))
    page = _Page(source.split("\n"))
    blocks = list(page.blocks())
    if author := page.attributes.get("author"):
        metadata["author"] = author
    return assemble(metadata.pop("title", "") or title_of(name, blocks), ASCIIDOC, blocks, metadata=metadata)


class _Page:
    """Reads the lines of a page from `at` on."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = [line.rstrip() for line in lines]
        self.at = 0
        self.attributes: dict[str, str] = {}
        self.options = ""  # the line in brackets above a block

    def blocks(self) -> Iterator[Block]:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if not line or self._passed_over(line):
                self.at += 1
            elif (heading := self._heading(line)) is not None:
                yield heading
            else:
                yield from self._block(line)
                self.options = ""

    def _passed_over(self, line: str) -> bool:
        """Whether a line says nothing by itself; what it says of the lines below is taken in."""
        if match := _ATTRIBUTE.match(line):
            self.attributes[match[1].strip("!")] = filled(match[2] or "", self.attributes)
        elif re.fullmatch(r"/{4,}", line):
            self._enclosed(line)
            self.at -= 1
        elif line.startswith("[") and line.endswith("]"):
            self.options += line
            return not _ADMONITION.match(line)
        elif not (line.startswith("//") or _DIRECTIVE.match(line) or _AROUND.match(line)):
            return bool(re.fullmatch(r"'{3,}|-{3}|\*{3}|<{3,}|\+", line))
        return True

    def _heading(self, line: str) -> Block | None:
        if match := _SECTION.match(line):
            self.at += 1
            if len(match[1]) == 1:
                self._below_title()
            return Block("heading", self._read(match[2]), len(match[1]))
        below = self._at(self.at + 1)
        underlined = below[:1] in _UNDERLINE and len(set(below)) == 1 and abs(len(below) - len(line)) <= 2
        if not underlined or len(below) < 3 or not line[0].isalnum():
            return None
        self.at += 2
        return Block("heading", self._read(line), _UNDERLINE[below[0]])

    def _below_title(self) -> None:
        """Take in the attributes and the author that stand directly below the title, pass over the revision."""
        while line := self._at(self.at):
            if match := _AUTHOR.match(line):
                self.attributes.setdefault("author", match[0])
            elif not (_REVISION.match(line) or _ATTRIBUTE.match(line) or line.startswith("//")):
                return
            else:
                self._passed_over(line)
            self.at += 1

    def _at(self, place: int) -> str:
        return self.lines[place] if place < len(self.lines) else ""

    def _block(self, line: str) -> Iterator[Block]:
        if _ADMONITION.match(line):
            self.at += 1
            yield Block("paragraph", line.strip("[]").split(",")[0].split("#")[0].capitalize())
        elif re.match(r"\.[^\s.]", line):
            yield self._titled(line)
        elif match := _TABLE.match(line):
            rows = table_rows(self._enclosed(line), self.options, match[1])
            yield Block("table", "\n".join(" | ".join(map(self._read, row)) for row in rows))
        elif match := _CODE.match(line):
            yield from self._code(line, match[1])
        elif match := _IMAGE.match(line):
            self.at += 1
            yield Block("image", self._alternative(match[1]))
        elif _MACRO.match(line):
            self.at += 1
        elif _ITEM.match(line) or (_TERM.match(line) and line[0] not in " \t"):
            yield Block("list", "\n".join(self._items()))
        else:
            yield self._paragraph(line)

    def _titled(self, line: str) -> Block:
        """The title of the block below: a caption where that is a table, a picture or code."""
        self.at += 1
        below = next((each for each in self.lines[self.at :] if each and not each.startswith("[")), "")
        captioned = _TABLE.match(below) or _IMAGE.match(below) or _CODE.match(below)
        return Block("caption" if captioned else "paragraph", self._read(line[1:]))

    def _code(self, line: str, mark: str) -> Iterator[Block]:
        inside = self._enclosed(line if mark != "```" else mark)
        if not mark.startswith("+") or "stem" in self.options or "math" in self.options:
            yield Block("code", "\n".join(inside))

    def _paragraph(self, line: str) -> Block:
        code = line[0] in " \t" or re.match(r"\[(?:source|listing|literal)", self.options)
        start, self.at = self.at, self.at + 1
        while (
            self.at < len(self.lines)
            and self.lines[self.at]
            and not (self._begins(self.lines[self.at]) and not code)
        ):
            self.at += 1
        lines = [each for each in self.lines[start : self.at] if code or not re.match(r"//(?!/)", each)]
        if code:
            return Block("code", "\n".join(lines))
        return Block("paragraph", self._read(re.sub(r"(?<! \+)\n", " ", "\n".join(lines))))

    def _begins(self, line: str) -> bool:
        """Whether a line ends the paragraph before it."""
        return bool(
            _CODE.match(line) or _TABLE.match(line) or _AROUND.match(line) or re.match(r"\[\S*\]$", line)
        )

    def _enclosed(self, mark: str) -> list[str]:
        """The lines from below the current one to the next that is `mark`, or to the end."""
        start = self.at + 1
        end = start
        while end < len(self.lines) and self.lines[end] != mark:
            end += 1
        self.at = end + 1
        return self.lines[start:end]

    def _items(self) -> Iterator[str]:
        """The lines of a list, deeper ones indented by two blanks."""
        outer: list[tuple[int, str]] = []
        numbers: list[int] = []
        while self.at < len(self.lines):
            line = self.lines[self.at]
            item, term = _ITEM.match(line), _TERM.match(line)
            if item or term:
                match = item or term
                assert match is not None  # noqa: S101
                marker = re.sub(r"\d+", "1", item[2]) if item else match[3]
                depth = _depth(outer, (len(match[1].expandtabs(4)), marker))
                numbers = [*numbers[: depth + 1], *[0] * (depth + 1 - len(numbers))]
                numbers[depth] += 1
                yield "  " * depth + self._shown(item, term, numbers[depth])
                self.at += 1
            elif not line:
                if not self._goes_on():
                    return
            elif line == "+":
                self.at += 1
            elif self._ends_list(line):
                return
            else:
                yield from ("  " * len(outer) + said for said in self._attached(line))

    def _shown(self, item: re.Match[str] | None, term: re.Match[str] | None, number: int) -> str:
        if item:
            return (f"{number}. " if item[2][0] in ".<" or item[2][-1] == "." else "- ") + self._read(item[3])
        return f"- {self._read(term[2])}: {self._read(term[4] or '')}".rstrip() if term else ""

    def _goes_on(self) -> bool:
        """Pass over blank lines; whether the list goes on below them."""
        while self.at < len(self.lines) and not self.lines[self.at]:
            self.at += 1
        line = self._at(self.at)
        return bool(_ITEM.match(line) or _TERM.match(line)) or line == "+"

    def _ends_list(self, line: str) -> bool:
        before = self.lines[self.at - 1]
        return before != "+" and bool(
            _SECTION.match(line) or self._begins(line) or re.match(r"\.[^\s.]|//", line)
        )

    def _attached(self, line: str) -> list[str]:
        """What stands below an item: the rest of its text, or a block that hangs on it."""
        if _CODE.match(line) or _TABLE.match(line):
            return self._enclosed(line)
        self.at += 1
        if _AROUND.match(line) or line.startswith("["):
            return []
        image = _IMAGE.match(line)
        return [self._alternative(image[1]) if image else self._read(line.strip())]

    def _alternative(self, options: str) -> str:
        named = re.search(r"\balt=\"?([^\",]+)", options)
        first = options.split(",")[0].strip(' "')
        return self._read(named[1] if named else "" if "=" in first else first)

    def _read(self, text: str) -> str:
        return inline(text, self.attributes)


def _depth(outer: list[tuple[int, str]], key: tuple[int, str]) -> int:
    """How deep an item lies; `outer` keeps indent and mark of the items around it."""
    if key in outer:
        del outer[outer.index(key) + 1 :]
    else:
        while outer and outer[-1][0] > key[0]:
            outer.pop()
        outer.append(key)
    return len(outer) - 1
