"""XLS and XLSB to sheets; the values of cells, as these formats are not read for how a number is shown."""

import io
import struct
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from state.errors import KairosError
from tools.parse.workbook.number_format import plain
from tools.parse.workbook.sheet import Sheet

_MOST_CELLS = 5_000_000  # cells from the first to the last of a sheet; the library keeps the blank ones too

# Kinds of records, and those of cells that are not blank.
_FILE_PASS, _END = 0x2F, 0x0A
_XLS_CELLS = frozenset((0x06, 0xBD, 0xD6, 0xFD, 0x203, 0x204, 0x205, 0x27E))
_XLSB_ROW, _XLSB_CELLS = 0, range(2, 12)


def read_binary(name: str, data: bytes) -> Iterator[Sheet]:
    """The sheets that are not hidden.

    Raises KairosError: file_encrypted, or file_too_large where a few cells lie far apart.
    """
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    if zipfile.is_zipfile(io.BytesIO(data)):
        _check_xlsb(name, data)
    else:
        _check_xls(name, data)
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for number, about in enumerate(book.sheets_metadata, 1):
        if about.visible != SheetVisibleEnum.Visible or about.typ != SheetTypeEnum.WorkSheet:
            continue
        read = book.get_sheet_by_index(number - 1)
        sheet = Sheet(about.name, number)
        top, left = read.start or (0, 0)
        for index, values in enumerate(read.iter_rows(), top):
            texts = ((column, _shown(value).strip()) for column, value in enumerate(values, left))
            if cells := {column: text for column, text in texts if text}:
                sheet.rows[index] = cells
        for (first, start), (last, end) in read.merged_cell_ranges or ():
            sheet.spans[first, start] = (last - first + 1, end - start + 1)
        yield sheet


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        return plain(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}" if not value.second else f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return f"{value:%H:%M:%S}" if value.second else f"{value:%H:%M}"
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return str(value)


def _check_xls(name: str, data: bytes) -> None:
    import olefile

    with olefile.OleFileIO(io.BytesIO(data)) as container:
        stream = next(name for name in (["Workbook"], ["Book"]) if container.exists(name))
        content = container.openstream(stream).read()
    places: list[tuple[int, int]] = []
    at = 0
    while at + 4 <= len(content):
        kind, size, row, column = struct.unpack("<HHHH", content[at : at + 8].ljust(8, b"\0"))
        if kind == _FILE_PASS:
            raise KairosError("file_encrypted", f"{name} is protected by a password.")
        if kind == _END:
            _check_reach(name, places)
            places.clear()
        elif kind in _XLS_CELLS:
            places.append((row, column))
        at += 4 + size


def _check_xlsb(name: str, data: bytes) -> None:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in archive.namelist():
            if part.startswith("xl/worksheets/") and part.endswith(".bin"):
                _check_reach(name, list(_places(archive.read(part))))


def _check_reach(name: str, places: list[tuple[int, int]]) -> None:
    """Refuse a sheet with a few cells far apart."""
    if not places:
        return
    rows, columns = {row for row, _ in places}, {column for _, column in places}
    area = (max(rows) - min(rows) + 1) * (max(columns) - min(columns) + 1)
    if area > max(_MOST_CELLS, 4 * len(places)):
        raise KairosError("file_too_large", f"{name} has cells too far apart to be read.")


def _places(content: bytes) -> Iterator[tuple[int, int]]:
    """Row and column of the cells of an XLSB sheet that are not blank."""
    row = at = 0
    while at < len(content):
        kind, at = _number(content, at, 2)
        size, at = _number(content, at, 4)
        first = int.from_bytes(content[at : at + 4], "little")
        if kind == _XLSB_ROW:
            row = first
        elif kind in _XLSB_CELLS:
            yield row, first
        at += size


def _number(content: bytes, at: int, most: int) -> tuple[int, int]:
    """A number of up to `most` bytes, seven bits in each, and the place after it."""
    number = 0
    for place in range(most):
        byte = content[at + place] if at + place < len(content) else 0
        number |= (byte & 0x7F) << 7 * place
        if byte < 0x80:
            break
    return number, at + place + 1
