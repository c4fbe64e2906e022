"""AsciiDoc to blocks."""

import re
from collections.abc import Iterator

from tools.parse.asciidoc.inline import filled, inline
from tools.parse.asciidoc.lines import (
    AROUND,
    ATTRIBUTE,
    CODE,
    IMAGE,
    SECTION,
    TABLE,
    TITLE,
    Lines,
    alternative,
    begins_block,
)
from tools.parse.asciidoc.lists import begins_list, list_lines
from tools.parse.asciidoc.table import table_rows
from tools.parse.assemble import assemble, clean, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.front_matter import split_front_matter
from tools.parse.media_types import ASCIIDOC

_LONGEST_VALUE = 1000  # characters; values may name others, and so grow
_UNDERLINES = {"=": 1, "-": 2, "~": 3, "^": 4, "+": 5}
_DIRECTIVE = re.compile(r"(?:include|ifn?def|ifeval|endif|toc)::[^\[]*\[.*\]$")
_MACRO = re.compile(r"[a-z]\w*::\S*\[.*\]$")
_RULE = re.compile(r"(?:'{3,}|-{3}|\*{3}|<{3,}|\+)$")
_AUTHOR = re.compile(r"[^\W\d_][\w.' -]+ <[^<>\s]+>(?:; .+)?$")
_REVISION = re.compile(r"v?\d+\.\d[^\n]*$")
_ADMONITION = re.compile(r"\[(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\b")


def parse_asciidoc(name: str, data: bytes) -> Document:
    """A page with its attributes put in; what it includes from other files is left out."""
    metadata, source = split_front_matter(clean(decode(data)))
    page = _Page(source)
    blocks = list(page.blocks())
    if author := page.attributes.get("author"):
        metadata["author"] = author
    return assemble(metadata.pop("title", "") or title_of(name, blocks), ASCIIDOC, blocks, metadata=metadata)


class _Page:
    """The lines of a page, its attributes so far, and the line in brackets above the current block."""

    def __init__(self, source: str) -> None:
        self.lines = Lines(source)
        self.attributes: dict[str, str] = {}
        self.options = ""

    def blocks(self) -> Iterator[Block]:
        while not self.lines.ended():
            line = self.lines.here()
            if not line or self._passed_over(line):
                self.lines.at += 1
            elif (heading := self._heading(line)) is not None:
                yield heading
            else:
                yield from self._block(line)
                self.options = ""

    def _passed_over(self, line: str) -> bool:
        """Whether a line says nothing by itself; what it says of the lines below is taken in."""
        if match := ATTRIBUTE.match(line):
            self.attributes[match[1].strip("!")] = filled(match[2] or "", self.attributes)[:_LONGEST_VALUE]
            return True
        if re.fullmatch(r"/{4,}", line):
            self.lines.enclosed(line)
            self.lines.at -= 1
            return True
        if line.startswith("[") and line.endswith("]"):
            self.options += line
            return not _ADMONITION.match(line)
        return bool(
            line.startswith("//") or _DIRECTIVE.match(line) or AROUND.match(line) or _RULE.match(line)
        )

    def _heading(self, line: str) -> Block | None:
        if match := SECTION.match(line):
            self.lines.at += 1
            if len(match[1]) == 1:
                self._below_title()
            return Block("heading", self._read(match[2].removesuffix(match[1])), len(match[1]))
        below = self.lines.here(1)
        underlined = below[:1] in _UNDERLINES and len(set(below)) == 1 and abs(len(below) - len(line)) <= 2
        if not underlined or len(below) < 3 or not line[0].isalnum():
            return None
        self.lines.at += 2
        return Block("heading", self._read(line), _UNDERLINES[below[0]])

    def _below_title(self) -> None:
        """Take in the attributes and the author that stand directly below the title, pass over the revision."""
        while line := self.lines.here():
            if match := _AUTHOR.match(line):
                self.attributes.setdefault("author", match[0])
            elif not (_REVISION.match(line) or ATTRIBUTE.match(line) or line.startswith("//")):
                return
            else:
                self._passed_over(line)
            self.lines.at += 1

    def _block(self, line: str) -> Iterator[Block]:
        if match := _ADMONITION.match(line):
            self.lines.at += 1
            yield Block("paragraph", match[1].capitalize())
        elif TITLE.match(line):
            yield self._titled(line)
        elif match := TABLE.match(line):
            rows = table_rows(self.lines.enclosed(line), self.options, match[1])
            yield Block("table", "\n".join(" | ".join(map(self._read, row)) for row in rows))
        elif match := CODE.match(line):
            yield from self._code(line, match[1])
        elif match := IMAGE.match(line):
            self.lines.at += 1
            yield Block("image", self._read(alternative(match[1])))
        elif _MACRO.match(line):
            self.lines.at += 1
        elif begins_list(line):
            yield Block("list", "\n".join(list_lines(self.lines, self._read)))
        else:
            yield self._paragraph(line)

    def _titled(self, line: str) -> Block:
        """The title of the block below: a caption where that is a table, a picture or code."""
        self.lines.at += 1
        below = next(
            (each for each in map(self.lines.here, range(10)) if each and not each.startswith("[")), ""
        )
        captioned = TABLE.match(below) or IMAGE.match(below) or CODE.match(below)
        return Block("caption" if captioned else "paragraph", self._read(line[1:]))

    def _code(self, line: str, mark: str) -> Iterator[Block]:
        inside = self.lines.enclosed(mark if mark == "```" else line)
        if not mark.startswith("+") or "stem" in self.options or "math" in self.options:
            yield Block("code", "\n".join(inside))

    def _paragraph(self, line: str) -> Block:
        code = line[0] in " \t" or re.match(r"\[(?:source|listing|literal)", self.options)
        held: list[str] = []
        while (line := self.lines.here()) and (code or not held or not begins_block(line)):
            if code or not line.startswith("//"):
                held.append(line)
            self.lines.at += 1
        if code:
            return Block("code", "\n".join(held))
        return Block("paragraph", self._read(re.sub(r"(?<! \+)\n", " ", "\n".join(held))))

    def _read(self, text: str) -> str:
        return inline(text, self.attributes)
