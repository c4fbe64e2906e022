"""RTF to blocks."""

import re
from collections.abc import Iterator

from tools.parse.assemble import assemble, clean, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import RTF
from tools.parse.plain import text_blocks

_INFO = re.compile(rb"\{\\(title|author)(?:\\\w+)* ([^{}\\]{1,300})\}")
_LEVEL = re.compile(rb"(\\outlinelevel)([0-5])(?!\d)")
_DIGITS = re.compile(rb"[0-9a-fA-F\s]{512,}")  # the bytes of a picture
# Where a link goes; the converter would look for its end in quadratic time.
_TARGET = re.compile(rb"\\fldinst\b")
_ITEM = re.compile(r"\s*(?:[•·▪◦-]|\d{1,3}[.)]|[a-z]\))\s")


def parse_rich_text(name: str, data: bytes) -> Document:
    """Headings by their outline level, paragraphs, lists and tables; headers, footers and pictures are left out."""
    from striprtf.striprtf import rtf_to_text

    # The level of a heading goes through the converter as a control character before its text.
    source = _LEVEL.sub(rb"\1\2\\'0\2 ", _TARGET.sub(rb"\\*", _DIGITS.sub(b" ", data)))
    text: str = rtf_to_text(source.decode("latin-1"), errors="replace")  # type: ignore[no-untyped-call]
    blocks = list(_blocks(text.split("\n")))
    info = {
        key.decode(): value.decode("cp1252", "replace").strip() for key, value in _INFO.findall(data[:65536])
    }
    title = info.pop("title", "")
    return assemble(title or title_of(name, blocks), RTF, blocks, metadata=info)


def _blocks(lines: list[str]) -> Iterator[Block]:
    """Neighbouring rows ("cell|cell|") become one table; every other line is a paragraph, heading or item."""
    rows: list[str] = []
    held: list[str] = []
    for line in lines:
        row = line.rstrip().endswith("|")
        if row:
            rows.append(" | ".join(clean(line).rstrip().removesuffix("|").split("|")))
        if rows and not row:
            yield Block("table", "\n".join(rows))
            rows = []
        level = next((ord(letter) for letter in line[:40] if letter < "\x06"), -1) + 1
        if row or level:
            yield from text_blocks("".join(held))
            held = []
        if level and not row:
            yield Block("heading", line, level)
        elif not row:
            item = _ITEM.match(line) and held and _ITEM.match(held[-1])
            held.append(("\n" if item else "\n\n") + clean(line))
    yield from text_blocks("".join(held))
    yield Block("table", "\n".join(rows))
