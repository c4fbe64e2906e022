"""DOC (Word 97 to 2003) to blocks, by the piece table and the paragraph properties ([MS-DOC])."""

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from typing import NamedTuple

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import DOC
from tools.parse.ole_info import ole_info

_ENCRYPTED, _TABLE_1 = 0x0100, 0x0200  # flags of the file's head
_LENGTHS = 0x4C  # where the lengths of the text, footnotes, headers, … stand, in characters
_CLX, _PARAGRAPHS = 0x01A2, 0x0102  # where the place of the piece table, of the paragraph pages is named
_IN_TABLE, _ROW_END, _INNER_ROW_END, _LIST = 0x2416, 0x2417, 0x244C, 0x460B
_SIZES = (1, 1, 2, 4, 2, 2, 0, 3)  # bytes of a property's value by its kind; 0: named in the value
_FIELD = re.compile("\x13[^\x13\x14\x15]*(?:\x14([^\x13\x14\x15]*))?\x15")
_MARKS = str.maketrans(
    {"\x0b": "\n", "\x0c": "\n", "\x1e": "-", "\x1f": "", "\x07": "", "\r": "", "\xa0": " "}
)


class Piece(NamedTuple):
    """Characters `start:end` of the text, kept from byte `offset` on, in one or two bytes each."""

    start: int
    end: int
    offset: int
    width: int


class Look(NamedTuple):
    """What a paragraph is: heading level, whether in a list or a table, whether the end of a row."""

    level: int = 0
    listed: bool = False
    in_table: bool = False
    row_end: bool = False


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


def _paragraphs(main: bytes, table: bytes) -> Iterator[tuple[str, Look]]:
    """Text and look of each paragraph, cell and row end of the parts that are read."""
    pieces = _pieces(main, table)
    looks = _looks(main, table)
    starts = [start for start, _ in looks]
    text = "".join(_decoded(main, piece) for piece in pieces)
    for start, end in _parts(main, len(text)):
        for match in re.finditer("[^\r\x07\x0c]*[\r\x07\x0c]?", text[start:end]):
            if match[0]:
                offset = _offset(pieces, start + match.end() - 1)
                at = bisect_right(starts, offset) - 1
                yield match[0], looks[at][1] if at >= 0 else Look()


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
