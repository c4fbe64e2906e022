"""PPT (PowerPoint 97 to 2003) to blocks, by the records of its one stream ([MS-PPT])."""

import io
import struct
from collections.abc import Iterator

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import PPT
from tools.parse.office.ole_info import ole_info
from tools.parse.plain import text_blocks

_DOCUMENT, _SLIDE_LIST, _PERSIST = 0x03E8, 0x0FF0, 0x03F3
_TEXT_KIND, _WIDE, _NARROW, _OUTLINE = 0x0F9F, 0x0FA0, 0x0FA8, 0x0F9E
_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_TITLES = (0, 6)  # kinds of text: title, centred title
_CONTAINER = 15  # version of a record that holds records
_MOST_WAITING = 10_000  # records
_MOST_EDITS = 1000
_BREAKS = str.maketrans({"\r": "\n", "\x0b": " "})

Record = tuple[int, int, int, int]  # type, instance with version, start and end of its content


def parse_powerpoint_97(name: str, data: bytes) -> Document:
    """The text of each slide as a page: titles as headings, then what stands in its boxes. Notes are left out."""
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as container:
        stream: bytes = container.openstream("PowerPoint Document").read()
        current: bytes = container.openstream("Current User").read()
        title, metadata = ole_info(container)
    places = _places(stream, struct.unpack_from("<I", current, 16)[0])
    slides = list(_slides(stream, places))
    blocks = [block for page, said in enumerate(slides, 1) for block in _blocks(said, page)]
    return assemble(
        title or title_of(name, blocks), PPT, blocks, pages=len(slides) or None, metadata=metadata
    )


def _blocks(said: list[tuple[int, str]], page: int) -> Iterator[Block]:
    for kind, text in said:
        if kind in _TITLES:
            yield Block("heading", text, 1, page)
            continue
        lines = [line for line in text.split("\n") if line.strip()]
        if len(lines) > 1:
            yield Block("list", "\n".join(f"- {line.strip()}" for line in lines), 0, page)
        else:
            yield from (
                Block("paragraph" if block.kind == "heading" else block.kind, block.text, 0, page)
                for block in text_blocks(text)
            )


def _slides(stream: bytes, places: dict[int, int]) -> Iterator[list[tuple[int, str]]]:
    """Kind and text of what each slide says, in the order of the show."""
    for record in _records(stream, 0, len(stream)):
        if record[0] == _DOCUMENT and record[2] - 8 in places.values():
            lists = [each for each in _records(stream, *record[2:]) if each[:2] == (_SLIDE_LIST, _CONTAINER)]
            for each in lists[:1]:
                for number, outline in _outlines(stream, each):
                    boxes = _boxes(stream, places.get(number, -1), outline)
                    yield boxes or outline
            return


def _outlines(stream: bytes, record: Record) -> Iterator[tuple[int, list[tuple[int, str]]]]:
    """The number of each slide and the texts of its title and body, which the list of slides keeps."""
    number, kind, outline = -1, 1, list[tuple[int, str]]()
    for found, _, start, end in _records(stream, *record[2:]):
        if found == _PERSIST:
            if number >= 0:
                yield number, outline
            number, outline = struct.unpack_from("<I", stream, start)[0], []
        elif found == _TEXT_KIND:
            kind = struct.unpack_from("<I", stream, start)[0]
        elif found in (_WIDE, _NARROW):
            outline.append((kind, _decoded(stream[start:end], found)))
    if number >= 0:
        yield number, outline


def _boxes(stream: bytes, place: int, outline: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """The texts of the boxes on a slide; some stand in the outline, and the box names which."""
    if not 0 <= place <= len(stream) - 8:
        return []
    said: list[tuple[int, str]] = []
    kind = 1
    stack = [next(_records(stream, place, len(stream)), (0, 0, 0, 0))]
    while stack:
        found, flags, start, end = stack.pop()
        if flags & 15 == _CONTAINER and len(stack) < _MOST_WAITING:
            stack += reversed(list(_records(stream, start, end)))
        elif found == _TEXT_KIND:
            kind = struct.unpack_from("<I", stream, start)[0]
        elif found in (_WIDE, _NARROW):
            said.append((kind, _decoded(stream[start:end], found)))
        elif found == _OUTLINE and (index := struct.unpack_from("<I", stream, start)[0]) < len(outline):
            said.append(outline[index])
    return said


def _decoded(content: bytes, found: int) -> str:
    text = content.decode("utf-16-le", "replace") if found == _WIDE else content.decode("latin-1")
    return text.translate(_BREAKS)


def _records(stream: bytes, start: int, end: int) -> Iterator[Record]:
    """The records between two places."""
    while start + 8 <= end:
        flags, found, size = struct.unpack_from("<HHI", stream, start)
        stop = min(start + 8 + size, end)
        yield found, flags, start + 8, stop
        start = stop


def _places(stream: bytes, edit: int) -> dict[int, int]:
    """Where each numbered object stands, from the last edit back to the first."""
    places: dict[int, int] = {}
    for _ in range(_MOST_EDITS):
        if not 0 < edit <= len(stream) - 24 or struct.unpack_from("<H", stream, edit + 2)[0] != _EDIT:
            break
        earlier, directory = struct.unpack_from("<II", stream, edit + 16)
        for found, _, start, end in _records(stream, directory, len(stream)):
            if found == _DIRECTORY:
                for number, place in _listed(stream, start, end):
                    places.setdefault(number, place)
            break
        if earlier >= edit:
            break
        edit = earlier
    return places


def _listed(stream: bytes, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Number and place of the objects of one edit: runs of places for numbers that follow each other."""
    while start + 4 <= end:
        head = struct.unpack_from("<I", stream, start)[0]
        first, count = head & 0xFFFFF, min(head >> 20, (end - start - 4) // 4)
        for index, place in enumerate(struct.unpack_from(f"<{count}I", stream, start + 4)):
            yield first + index, place
        start += 4 + 4 * count
