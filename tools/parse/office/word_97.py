"""DOC (Word 97 to 2003) to blocks, by the piece table and the paragraph properties ([MS-DOC])."""

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import DOC
from tools.parse.office.ole_info import ole_info
from tools.parse.plain import text_blocks

_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200  # flags of the file's head
_LENGTHS = 0x4C  # where the lengths of the text, footnotes, headers, … stand, in characters
_CLX, _PARAGRAPHS = 0x01A2, 0x0102  # where the place of the piece table, of the paragraph pages is named
_PAGE = 512  # bytes of a page of paragraph properties
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS = str.maketrans(
    {"\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\x07": "", "\r": "", "\xa0": " "}
)
_WIDEST = 64  # cells of a row


class Piece(NamedTuple):
    """Characters `start:end` of the text, kept from byte `offset` on, in one or two bytes each."""

    start: int
    end: int
    offset: int
    width: int


def parse_word_97(name: str, data: bytes) -> Document:
    """Headings by their style, lists, tables; then foot- and endnotes and text boxes. Headers are left out."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as container:
        main: bytes = container.openstream("WordDocument").read()
        flags = struct.unpack_from("<H", main, 10)[0]
        if flags & _ENCRYPTED:
            raise KairosError("file_encrypted", f"{name} is protected by a password.")
        table: bytes = container.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
        title, metadata = ole_info(container)
    blocks = list(_blocks(_paragraphs(main, table)))
    return assemble(title or title_of(name, blocks), DOC, blocks, metadata=metadata)


def _paragraphs(main: bytes, table: bytes) -> Iterator[tuple[str, int]]:
    """Text, with the mark it ends in, and heading level (0: none) of each paragraph and cell."""
    pieces = _pieces(main, table)
    styles = _styles(main, table)
    starts = [start for start, _ in styles]
    text = "".join(_decoded(main, piece) for piece in pieces)
    for start, end in _parts(main, len(text)):
        for match in re.finditer("[^\r\x07]*[\r\x07]?", text[start:end]):
            if match[0]:
                at = bisect_right(starts, _offset(pieces, start + match.end() - 1)) - 1
                style = styles[at][1] if at >= 0 else 0
                yield match[0], style if 1 <= style <= 9 else 0  # the styles of that number are the headings


def _blocks(paragraphs: Iterator[tuple[str, int]]) -> Iterator[Block]:
    """Neighbouring cells become one table; a style tells headings, the rest is read as plain text is."""
    cells: list[str] = []
    held: list[str] = []
    for raw, level in chain(paragraphs, [("\r", 0)]):
        text = _readable(raw)
        if raw.endswith("\x07"):
            cells.append(" ".join(text.split()))
            continue
        if cells or level:
            yield from text_blocks("\n\n".join(held))
            held = []
        if cells:
            yield Block("table", "\n".join(" | ".join(row) for row in _rows(cells)))
            cells = []
        if level:
            yield Block("heading", text, min(level, 6))
        else:
            held.append(text)
    yield from text_blocks("\n\n".join(held))


def _rows(cells: list[str]) -> list[list[str]]:
    """Rows of the cells of a table: behind each row stands a mark without text, its end."""
    for width in range(1, min(len(cells), _WIDEST)):
        if len(cells) % (width + 1) == 0 and not any(cells[width :: width + 1]):
            return [cells[at : at + width] for at in range(0, len(cells), width + 1)]
    return [[cell] for cell in cells if cell]


def _readable(raw: str) -> str:
    """The text of a paragraph; of a field only what it shows."""
    before = ""
    while before != raw:
        before, raw = raw, _FIELD.sub(r"\1", raw)
    halves = raw.translate(_MARKS).encode("utf-16-le", "surrogatepass")
    return halves.decode("utf-16-le", "replace")


def _styles(main: bytes, table: bytes) -> list[tuple[int, int]]:
    """The byte at which each paragraph begins and the number of its style, in order."""
    place, size = struct.unpack_from("<II", main, _PARAGRAPHS)
    count = max(min(size, len(table) - place) - 4, 0) // 8
    numbers = struct.unpack_from(f"<{count}I", table, place + 4 * (count + 1)) if count else ()
    found: list[tuple[int, int]] = []
    for number in numbers:
        page = main[number * _PAGE : (number + 1) * _PAGE]
        if len(page) < _PAGE:
            continue
        runs = min(page[-1], 29)  # more do not fit
        for run in range(runs):
            at = page[4 * (runs + 1) + 13 * run] * 2
            at += 1 if page[at] else 2
            if at + 2 <= _PAGE:
                found.append((*struct.unpack_from("<I", page, 4 * run), *struct.unpack_from("<H", page, at)))
    return sorted(found)


def _pieces(main: bytes, table: bytes) -> list[Piece]:
    place, size = struct.unpack_from("<II", main, _CLX)
    clx = table[place : place + size]
    at = 0
    while clx[at] == 1:  # properties that come before the table
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if clx[at] != 2:
        raise ValueError("it has no piece table")
    length = struct.unpack_from("<I", clx, at + 1)[0]
    count = (min(length, len(clx) - at - 5) - 4) // 12
    bounds = struct.unpack_from(f"<{count + 1}I", clx, at + 5)
    pieces = []
    for index in range(count):
        packed = struct.unpack_from("<I", clx, at + 5 + 4 * (count + 1) + 8 * index + 2)[0]
        offset, narrow = packed & 0x3FFFFFFF, bool(packed & 0x40000000)
        piece = Piece(bounds[index], bounds[index + 1], offset // 2 if narrow else offset, 1 if narrow else 2)
        if piece.end < piece.start or piece.offset + (piece.end - piece.start) * piece.width > len(main):
            raise ValueError("its piece table points beyond the text")
        pieces.append(piece)
    if sum(piece.end - piece.start for piece in pieces) > len(main):
        raise ValueError("its piece table holds more text than the file")
    return pieces


def _decoded(main: bytes, piece: Piece) -> str:
    raw = main[piece.offset : piece.offset + (piece.end - piece.start) * piece.width]
    if piece.width == 1:
        return raw.decode("cp1252", "replace")
    # Halves of letters beyond 16 bits must stay two characters, for the table counts them so.
    return "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))


def _parts(main: bytes, length: int) -> Iterator[tuple[int, int]]:
    """Character spans of the text, footnotes, endnotes and text boxes."""
    lengths = struct.unpack_from(
        "<8I", main, _LENGTHS
    )  # text, footnotes, headers, macros, notes, endnotes, boxes
    start = 0
    for index, size in enumerate(lengths[:7]):
        if index in (0, 1, 5, 6):
            yield min(start, length), min(start + size, length)
        start += size


def _offset(pieces: list[Piece], character: int) -> int:
    """The byte at which a character is kept."""
    piece = pieces[bisect_right(pieces, character, key=lambda piece: piece.start) - 1]
    return piece.offset + (character - piece.start) * piece.width
