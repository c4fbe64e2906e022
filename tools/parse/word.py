"""DOCX to blocks, in document order."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tools.parse.assemble import assemble, title_of
from tools.parse.media_types import DOCX
from tools.parse.document import Block, Document
from tools.parse.word_styles import Lists, Style, W, list_marker, read_lists, style_of

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_PRINTED = {f"{W}tab": "\t", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}p": "\n"}
_TEXT = frozenset({f"{W}t", "{http://schemas.openxmlformats.org/officeDocument/2006/math}t"})
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_UNREAD = frozenset({f"{W}del", f"{W}moveFrom", f"{W}pPr", f"{W}rPr", _FALLBACK})
_CONTAINERS = frozenset(f"{W}{tag}" for tag in ("sdt", "sdtContent", "customXml", "smartTag", "ins"))
_PLACEHOLDERS = ("", "python-docx", "Word Document")  # what python-docx itself writes
_OTHER_CONTENT_TYPES = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)


def parse_word(name: str, data: bytes) -> Document:
    """Headings by style or outline level, lists, tables; tracked deletions and hidden text are left out."""
    document = _open(data)
    blocks = list(_blocks(document.element.body, read_lists(document)))
    title, author = document.core_properties.title, document.core_properties.author
    metadata = {} if author in _PLACEHOLDERS else {"author": author}
    title = title_of(name, blocks) if title in _PLACEHOLDERS else title
    return assemble(title, DOCX, blocks, metadata=metadata)


def _open(data: bytes) -> "WordDocument":
    from docx.opc.part import PartFactory
    from docx.package import Package
    from docx.parts.document import DocumentPart

    # Templates and files with macros hold the same XML under other content types.
    for content_type in _OTHER_CONTENT_TYPES:
        PartFactory.part_type_for.setdefault(content_type, DocumentPart)
    document: WordDocument = Package.open(io.BytesIO(data)).main_document_part.document
    return document


def _blocks(parent: Any, lists: Lists) -> Iterator[Block]:
    items: list[str] = []
    for element in _body_parts(parent):
        table, text, style = element.tag == f"{W}tbl", "", Style()
        if not table:
            text, style = paragraph_text(element), style_of(element, lists)
            if not text.strip():
                continue
            if style.list_id.strip("0") and not style.heading:
                items.append(list_marker(style, lists) + " ".join(text.split()))
                continue
        if items:
            yield Block("list", "\n".join(items))
            items.clear()
        if table:
            yield from _table(element, lists)
        else:
            yield Block("heading" if style.heading else "paragraph", text, style.heading)
    yield Block("list", "\n".join(items))


def _body_parts(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below `parent`, through content controls and insertions."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag in _CONTAINERS:
            yield from _body_parts(child)


def paragraph_text(paragraph: Any) -> str:
    """Text of all visible runs: inserted ones, links, fields and text boxes too."""
    parts: list[str] = []
    stack = list(reversed(paragraph))
    while stack:
        node = stack.pop()
        if node.tag in _UNREAD or (node.tag == f"{W}r" and node.find(f"{W}rPr/{W}vanish") is not None):
            continue
        if node.tag in _TEXT:
            parts.append(node.text or "")
        else:
            parts.append(_PRINTED.get(node.tag, ""))
            stack.extend(reversed(node))
    return "".join(parts)


def _table(table: Any, lists: Lists) -> Iterator[Block]:
    """The rows as one block; a table of one column only draws a box around its content."""
    rows = list(_children(table, "tr"))
    if all(len(list(_children(row, "tc"))) < 2 for row in rows):
        for row in rows:
            for cell in _children(row, "tc"):
                yield from _blocks(cell, lists)
        return
    above: dict[int, str] = {}
    yield Block("table", "\n".join(" | ".join(_cells(row, above)) for row in rows))


def _cells(row: Any, above: dict[int, str]) -> list[str]:
    """Cell texts; a cell merged down repeats the text `above` it, one merged across leaves blanks."""
    cells: list[str] = []
    for cell in _children(row, "tc"):
        text = " ".join(" ".join(paragraph_text(part) for part in _paragraphs(cell)).split())
        merge = cell.find(f"{W}tcPr/{W}vMerge")
        if merge is not None and merge.get(f"{W}val", "continue") == "continue":
            text = above.get(len(cells), text)
        above[len(cells)] = text
        span = cell.find(f"{W}tcPr/{W}gridSpan")
        width = span.get(f"{W}val", "1") if span is not None else "1"
        cells += [text, *[""] * (min(int(width), 50) - 1 if width.isdecimal() else 0)]
    return cells


def _children(parent: Any, tag: str) -> Iterator[Any]:
    """Direct children with `tag`, through content controls."""
    for child in parent:
        if child.tag == f"{W}{tag}":
            yield child
        elif child.tag in _CONTAINERS:
            yield from _children(child, tag)


def _paragraphs(cell: Any) -> Iterator[Any]:
    """The paragraphs of a cell, those of tables inside it too."""
    for part in _body_parts(cell):
        if part.tag == f"{W}p":
            yield part
        else:
            for row in _children(part, "tr"):
                for inner in _children(row, "tc"):
                    yield from _paragraphs(inner)
