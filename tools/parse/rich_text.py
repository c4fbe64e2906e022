"""RTF to blocks."""

from collections.abc import Iterator

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document, Kind
from tools.parse.media_types import RTF
from tools.parse.rtf_reader import Ended, read_rtf


def parse_rich_text(name: str, data: bytes) -> Document:
    """Headings by style or outline level, lists, tables; hidden text, headers and footers are left out."""
    reader = read_rtf(data)
    blocks = list(_blocks(reader.ended))
    metadata = {"author": reader.info["author"]} if reader.info.get("author") else {}
    return assemble(reader.info.get("title") or title_of(name, blocks), RTF, blocks, metadata=metadata)


def _blocks(parts: list[Ended]) -> Iterator[Block]:
    """Neighbouring items become one list, neighbouring rows one table."""
    items: list[str] = []
    rows: list[str] = []
    cells: list[str] = []
    cell: list[str] = []
    for part in parts:
        if part.kind == "row":
            rows.append(" | ".join(cells))
            cells, cell = [], []
        elif part.kind == "cell" or part.in_table:
            cell.append(part.text)
            if part.kind == "cell":
                cells.append(" ".join(" ".join(cell).split()))
                cell = []
        elif part.marker:
            yield from _flushed("table", rows)
            items.append(part.marker + " ".join(part.text.split()))
        elif part.text.strip():
            yield from _flushed("table", rows)
            yield from _flushed("list", items)
            yield Block("heading" if part.level else "paragraph", part.text, part.level)
        if rows:
            yield from _flushed("list", items)
    yield from _flushed("list", items)
    yield from _flushed("table", rows)


def _flushed(kind: Kind, lines: list[str]) -> Iterator[Block]:
    if lines:
        yield Block(kind, "\n".join(lines))
        lines.clear()
