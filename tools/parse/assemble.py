"""From the blocks of a parser to a document: clean text, one blank line between elements, spans."""

import re
import unicodedata
from collections.abc import Iterable
from pathlib import PurePath

from tools.parse.document import Block, Document, Element

# Control, zero-width, direction, tag and surrogate characters: invisible, and some hide instructions.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff0-\ufffb\ufffe\uffff\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n?|[\v\f\u0085\u2028\u2029]")
_BLANKS = re.compile(r"[^\S\n]+")


def clean(text: str) -> str:
    """`text` in NFC with `\\n` line ends and without characters that cannot be seen."""
    text = _LINE_END.sub("\n", _INVISIBLE.sub("", text))
    return unicodedata.normalize("NFC", text)


def assemble(
    title: str,
    media_type: str,
    blocks: Iterable[Block],
    pages: int | None = None,
    metadata: dict[str, str] | None = None,
) -> Document:
    """The document of `blocks`; those without text are left out."""
    parts: list[str] = []
    elements: list[Element] = []
    position = 0
    for block in blocks:
        text = _tidy(block)
        if not text:
            continue
        elements.append(Element(block.kind, position, position + len(text), block.level, block.page))
        parts.append(text)
        position += len(text) + 2
    return Document(
        title=" ".join(clean(title).split()),
        text="\n\n".join(parts),
        media_type=media_type,
        elements=tuple(elements),
        pages=pages,
        metadata=metadata or {},
    )


def title_of(name: str, blocks: Iterable[Block]) -> str:
    """The first heading of level 1, else the file's name in words."""
    for block in blocks:
        if block.kind == "heading" and block.level == 1 and block.text.strip():
            return block.text
    words = " ".join(re.split(r"[\s_-]+", PurePath(name).stem)).strip()
    return words[:1].upper() + words[1:] or name


def _tidy(block: Block) -> str:
    """The text of a block with the white space its kind means: indents in lists, all of it in code."""
    text = clean(block.text)
    if block.kind == "code":
        lines = [line.rstrip() for line in text.expandtabs(4).split("\n")]
        return "\n".join(lines).strip("\n")
    if block.kind == "heading":
        return " ".join(text.split())
    lines = text.split("\n")
    tidy = [_BLANKS.sub(" ", line).strip() for line in lines]
    if block.kind == "list":
        indents = [len(line[: len(line) - len(line.lstrip())].expandtabs(4)) for line in lines]
        tidy = [" " * indent + line if line else "" for indent, line in zip(indents, tidy, strict=True)]
    return "\n".join(line for line in tidy if line).strip()
