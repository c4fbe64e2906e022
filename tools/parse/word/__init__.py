"""DOCX to blocks, in document order."""

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document, Kind
from tools.parse.media_types import DOCX
from tools.parse.office.package import ordinary
from tools.parse.table import table_blocks
from tools.parse.word.anchored import Notes, anchored, read_notes
from tools.parse.word.styles import Lists, Style, W, heading_number, list_marker, read_lists, style_of
from tools.parse.word.table import cells_of, rows_of
from tools.parse.word.text import body_parts, paragraph_text

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_PLACEHOLDERS = ("", "python-docx", "Word Document")  # what python-docx itself writes
_OTHER_CONTENT_TYPES = (
    "application/vnd.ms-word.document.macroEnabled.main+xml",
    "application/vnd.ms-word.template.macroEnabledTemplate.main+xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml",
)


def parse_word(name: str, data: bytes) -> Document:
    """Headings by style or outline level with their numbers, lists, tables, captions, notes, text boxes, charts.

    Tracked deletions, hidden text, comments, page headers and footers, and tables of contents are left out.
    """
    document = _open(data)
    body = _Body(document)
    blocks = list(body.blocks(document.element.body))
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
    document: WordDocument = Package.open(io.BytesIO(ordinary(data))).main_document_part.document
    return document


class _Body:
    """The content of one file with what its other parts say of styles, lists and notes."""

    def __init__(self, document: "WordDocument") -> None:
        self.lists: Lists = read_lists(document)
        self.notes: Notes = read_notes(document.part)
        self.part = document.part

    def blocks(self, parent: Any) -> Iterator[Block]:
        """Blocks of the paragraphs and tables of `parent`; neighbours in a list or in code are one."""
        lines: list[str] = []
        kind: Kind = "list"
        for element in body_parts(parent):
            found: list[Block] = []
            if element.tag == f"{W}tbl":
                found += self._table(element)
            else:
                style = style_of(element, self.lists)
                line = self._line(element, style)
                if line and line.kind in ("list", "code"):
                    if line.kind != kind:
                        yield Block(kind, "\n".join(lines))
                        lines, kind = [], line.kind
                    lines.append(line.text)
                elif line:
                    found.append(line)
                found += self._anchored(element)
            if found:
                yield Block(kind, "\n".join(lines))
                lines = []
                yield from found
        yield Block(kind, "\n".join(lines))

    def _line(self, paragraph: Any, style: Style) -> Block | None:
        text = paragraph_text(paragraph)
        if not text.strip() or style.kind == "contents":
            return None
        if style.heading:
            return Block("heading", heading_number(style, self.lists) + text, style.heading)
        if style.list_id.strip("0") and style.kind != "caption":
            return Block("list", list_marker(style, self.lists) + " ".join(text.split()))
        return Block(style.kind or "paragraph", text)

    def _anchored(self, paragraph: Any) -> Iterator[Block]:
        for found in anchored(paragraph, self.part, self.notes):
            yield from [found] if isinstance(found, Block) else self.blocks(found)

    def _table(self, table: Any) -> Iterator[Block]:
        """The rows as one block; a table that only lays out the page gives what is in its cells."""
        cells = list(cells_of(table))
        rows, spans, header = rows_of(table)
        if max(map(len, rows), default=0) < 2 or any(map(self._is_section, cells)):
            for cell in cells:
                yield from self.blocks(cell)
            return
        yield from table_blocks(rows, spans, header=header)
        for cell in cells:
            for part in body_parts(cell):
                yield from self._table(part) if part.tag == f"{W}tbl" else self._anchored(part)

    def _is_section(self, cell: Any) -> bool:
        """Whether a cell holds a heading with a text below it."""
        parts = [part for part in body_parts(cell) if part.tag == f"{W}tbl" or paragraph_text(part).strip()]
        return len(parts) > 1 and parts[0].tag == f"{W}p" and style_of(parts[0], self.lists).heading > 0
