"""Workbooks to blocks: the name of each sheet that is shown, and its tables; a page is a sheet."""

from collections.abc import Iterable

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import ODS, XLS, XLSB, XLSX
from tools.parse.workbook.binary import read_binary
from tools.parse.workbook.ods import read_ods
from tools.parse.workbook.sheet import Sheet, sheet_blocks
from tools.parse.workbook.xlsx import read_xlsx

_MOST_CHARACTERS = 100_000_000  # many cells may refer to one long text


def parse_xlsx(name: str, data: bytes) -> Document:
    """Dates, shares and amounts as cells show them; hidden sheets are left out.

    Raises KairosError: file_too_large where the cells show more than 100 million characters.
    """
    return _document(name, XLSX, read_xlsx(data))


def parse_xls(name: str, data: bytes) -> Document:
    """Raises KairosError: file_encrypted, file_too_large."""
    return _document(name, XLS, read_binary(name, data))


def parse_xlsb(name: str, data: bytes) -> Document:
    """Raises KairosError: file_encrypted, file_too_large."""
    return _document(name, XLSB, read_binary(name, data))


def parse_ods(name: str, data: bytes) -> Document:
    """Raises KairosError: file_encrypted, file_too_large."""
    return _document(name, ODS, read_ods(name, data))


def _document(name: str, media_type: str, sheets: Iterable[Sheet]) -> Document:
    blocks: list[Block] = []
    shown = pages = 0
    for sheet in sheets:
        shown += sum(len(text) for cells in sheet.rows.values() for text in cells.values())
        if shown > _MOST_CHARACTERS:
            raise KairosError("file_too_large", f"{name} shows more than 100 million characters.")
        blocks += sheet_blocks(sheet)
        pages = sheet.number
    return assemble(title_of(name, ()), media_type, blocks, pages)
