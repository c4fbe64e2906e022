import io
import struct
import zipfile
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from state.errors import KairosError
from tools.parse.document import Document
from tools.parse.workbook import parse_ods, parse_xls, parse_xlsb, parse_xlsx


def shown(document: Document) -> list[str]:
    return [f"{part.kind} {part.page}: {document.text[part.start : part.end]}" for part in document.elements]


def workbook(fill: Callable[[Any], None]) -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    fill(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def changed(data: bytes, old: bytes, new: bytes) -> bytes:
    """A ZIP file with `old` replaced in all its parts."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(target, "w") as copy:
        for part in source.namelist():
            copy.writestr(part, source.read(part).replace(old, new))
    return target.getvalue()


def sheet(*rows: list[Any], merged: tuple[str, ...] = ()) -> bytes:
    def fill(book: Any) -> None:
        book.active.title = "Pier"
        for row in rows:
            book.active.append(row)
        for cells in merged:
            book.active.merge_cells(cells)

    return workbook(fill)


def test_each_sheet_is_a_page_and_hidden_ones_are_left_out() -> None:
    def fill(book: Any) -> None:
        book.active.title = "Boats"
        book.active.append(["Boat", "Length"])
        book.active.append(["Ann", 9.5])
        book.create_sheet("Secret").append(["hidden"])
        book["Secret"].sheet_state = "hidden"
        book.create_sheet("Blank")
        book.create_sheet("Crew").append(["Bob keeps the light."])

    document = parse_xlsx("harbour_books.xlsx", workbook(fill))
    assert document.title == "Harbour books"
    assert document.pages == 4
    assert shown(document) == [
        "heading 1: Boats",
        "table 1: Boat | Length\nAnn | 9.5",
        "heading 4: Crew",
        "paragraph 4: Bob keeps the light.",
    ]


def test_cells_as_people_see_them() -> None:
    def fill(book: Any) -> None:
        book.active.append(["Share", "Price", "Day", "Open", "Left"])
        book.active.append([0.125, 1234.5, date(2024, 3, 1), True, 12])
        for cell, code in {"A2": "0.0%", "B2": '"$"#,##0.00', "C2": "d mmm yy", "E2": '0 "days"'}.items():
            book.active[cell].number_format = code

    table = parse_xlsx("a.xlsx", workbook(fill)).text.split("\n")[-1]
    assert table == "12.5% | $1,234.50 | 2024-03-01 | TRUE | 12 days"


def test_merged_header_cells() -> None:
    rows = (
        ["Region", "2023", None, "2024", None],
        [None, "Plan", "Real", "Plan", "Real"],
        ["North", 1, 2, 3, 4],
    )
    document = parse_xlsx("a.xlsx", sheet(*rows, merged=("A1:A2", "B1:C1", "D1:E1")))
    assert (
        shown(document)[1]
        == "table 1: Region | 2023 Plan | 2023 Real | 2024 Plan | 2024 Real\nNorth | 1 | 2 | 3 | 4"
    )


def test_blank_rows_and_columns_part_tables() -> None:
    document = parse_xlsx(
        "a.xlsx",
        sheet(
            ["Boat", "Length", None, "Port", "Depth"],
            ["Ann", 9, None, "Aber", 4],
            ["Bob", 7, None, "Cove", 3],
            [],
            ["Wind", "Force"],
            ["west", 5],
            [],
            ["east", 6],
        ),
    )
    assert shown(document)[1:] == [
        "table 1: Boat | Length\nAnn | 9\nBob | 7",
        "table 1: Port | Depth\nAber | 4\nCove | 3",
        "table 1: Wind | Force\nwest | 5\neast | 6",
    ]


def test_a_spacer_column_parts_no_row_from_its_label() -> None:
    document = parse_xlsx(
        "a.xlsx", sheet(["Item", "Kind", None, "2024"], ["Oil", "fuel", None, 4], ["Rope", "gear", None, 5])
    )
    assert shown(document)[1] == "table 1: Item | Kind | 2024\nOil | fuel | 4\nRope | gear | 5"


def test_a_lone_column_belongs_to_the_table_beside_it() -> None:
    rows = ["Boat", "Length", None, "Port", "Depth", None, "seen"], ["Ann", 9, None, "Aber", 4, None, "twice"]
    document = parse_xlsx("a.xlsx", sheet(*rows, ["Bob", 7, None, "Cove", 3, None, "once"]))
    assert shown(document)[1:] == [
        "table 1: Boat | Length\nAnn | 9\nBob | 7",
        "table 1: Port | Depth | seen\nAber | 4 | twice\nCove | 3 | once",
    ]
    sides = parse_xlsx("a.xlsx", sheet(["West", None, "Boat", "Port"], ["pier", None, "Ann", "Aber"]))
    assert shown(sides)[1:] == ["table 1: West | Boat | Port\npier | Ann | Aber"]


def test_cells_far_apart_cost_nothing() -> None:
    def fill(book: Any) -> None:
        book.active["A1"] = "near"
        book.active["XFD1048576"] = "far"
        book.active.merge_cells("B2:C3")

    data = changed(workbook(fill), b"B2:C3", b"A1:XFC1048575")
    assert shown(parse_xlsx("a.xlsx", workbook(fill)))[1:] == ["paragraph 1: near", "paragraph 1: far"]
    assert len(parse_xlsx("a.xlsx", data).text) < 100


def test_a_diagonal_is_not_squared() -> None:
    def fill(book: Any) -> None:
        for at in range(1, 4001):
            book.active.cell(at, at, f"c{at}")

    text = parse_xlsx("a.xlsx", workbook(fill)).text
    assert len(text) < 40_000
    assert text.endswith("c3999\nc4000")


def test_one_long_text_in_many_cells_is_refused() -> None:
    def fill(book: Any) -> None:
        for _ in range(4000):
            book.active.append(["x" * 30_000])

    with pytest.raises(KairosError, match=r"a\.xlsx shows more than 100 million") as failure:
        parse_xlsx("a.xlsx", workbook(fill))
    assert failure.value.code == "file_too_large"


def test_strict_open_xml() -> None:
    data = sheet(["Boat", "Length"], ["Ann", 9])
    for kind in (b"spreadsheetml", b"officeDocument"):
        data = changed(
            data, b"schemas.openxmlformats.org/" + kind + b"/2006/", b"purl.oclc.org/ooxml/" + kind + b"/"
        )
    assert shown(parse_xlsx("a.xlsx", data))[1] == "table 1: Boat | Length\nAnn | 9"


def record(kind: int, content: bytes = b"") -> bytes:
    """A record of an XLS stream."""
    return struct.pack("<HH", kind, len(content)) + content


def label(row: int, column: int, text: str) -> bytes:
    return record(0x204, struct.pack("<HHHHB", row, column, 0, len(text), 0) + text.encode())


def number(row: int, column: int, value: float) -> bytes:
    return record(0x203, struct.pack("<HHHd", row, column, 0, value))


def xls(*cells: bytes, before: bytes = b"") -> bytes:
    """An XLS file with one sheet."""
    start = record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0)) + before
    name = b"Boats"
    length = len(start) + 4 + 8 + len(name) + 4
    book = start + record(0x85, struct.pack("<IBBBB", length, 0, 0, len(name), 0) + name) + record(0x0A)
    page = record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0)) + b"".join(cells) + record(0x0A)
    return container("Workbook", book + page)


def container(name: str, stream: bytes) -> bytes:
    """An OLE container with one stream of some sectors of 512 bytes."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    sectors = len(stream) // 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, sectors + 2), 0xFFFFFFFE]
    sizes = (0x3E, 3, 0xFFFE, 9, 6, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + struct.pack("<16xHHHHH10xIIIIIIII", *sizes)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        letters = name.encode("utf-16-le") + b"\0\0" if name else b""
        return letters.ljust(64, b"\0") + struct.pack(
            "<HBBIII36xIQ", len(letters), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child, start, size
        )

    folder = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, 0xFFFFFFFF, 2, len(stream))
    folder += 2 * entry("", 0, 0xFFFFFFFF, 0, 0)
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    return header + fat + folder + stream


def test_xls() -> None:
    document = parse_xls(
        "a.xls", xls(label(0, 0, "Boat"), label(0, 1, "Length"), label(1, 0, "Ann"), number(1, 1, 9))
    )
    assert shown(document) == ["heading 1: Boats", "table 1: Boat | Length\nAnn | 9"]


@pytest.mark.parametrize("method", [b"\0\0", b"\1\0"])
def test_xls_with_a_password(method: bytes) -> None:
    with pytest.raises(KairosError) as failure:
        parse_xls("a.xls", xls(before=record(0x2F, method + bytes(52))))
    assert failure.value.code == "file_encrypted"


def binary(kind: int, content: bytes = b"") -> bytes:
    """A record of an XLSB part."""
    start = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return start + bytes([len(content)]) + content


def xlsb(*cells: tuple[int, int, str]) -> bytes:
    """An XLSB file with one sheet."""

    def text(value: str) -> bytes:
        return struct.pack("<I", len(value)) + value.encode("utf-16-le")

    book = binary(131) + binary(143) + binary(156, struct.pack("<II", 0, 1) + text("rId1") + text("Boats"))
    book += binary(144) + binary(132)
    rows = b"".join(
        binary(0, struct.pack("<I", row) + bytes(13)) + binary(6, struct.pack("<II", column, 0) + text(value))
        for row, column, value in cells
    )
    edges = struct.pack("<IIII", cells[0][0], cells[-1][0], 0, max(column for _, column, _ in cells))
    page = binary(129) + binary(148, edges) + binary(145) + rows + binary(146) + binary(130)
    relation = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", relation)
        archive.writestr("xl/worksheets/sheet1.bin", page)
    return target.getvalue()


def test_xlsb() -> None:
    document = parse_xlsb("a.xlsb", xlsb((0, 0, "Boat"), (0, 1, "Port"), (1, 0, "Ann"), (1, 1, "Aber")))
    assert shown(document) == ["heading 1: Boats", "table 1: Boat | Port\nAnn | Aber"]


def test_cells_far_apart_are_refused_where_blank_ones_cost_memory() -> None:
    with pytest.raises(KairosError) as failure:
        parse_xlsb("a.xlsb", xlsb((0, 0, "near"), (1_048_575, 16_383, "far")))
    assert failure.value.code == "file_too_large"
    with pytest.raises(KairosError) as failure:
        parse_xls("a.xls", xls(label(0, 0, "near"), label(65_535, 255, "far")))
    assert failure.value.code == "file_too_large"


_ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"
 xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0"><office:automatic-styles><style:style style:name="ta2">
 <style:table-properties table:display="false"/></style:style></office:automatic-styles>
 <office:body><office:spreadsheet>{}</office:spreadsheet></office:body></office:document-content>"""


def ods(tables: str, manifest: str = "") -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", manifest)
        archive.writestr("content.xml", _ODS.format(tables))
    return target.getvalue()


def ods_row(*cells: str, more: str = "") -> str:
    inside = "".join(f"<table:table-cell><text:p>{cell}</text:p></table:table-cell>" for cell in cells)
    return f"<table:table-row>{inside}{more}</table:table-row>"


def test_ods() -> None:
    blank = '<table:table-cell table:number-columns-repeated="16384"/>'
    blank = f'<table:table-row table:number-rows-repeated="1048570">{blank}</table:table-row>'
    rows = ods_row("Share", "Day") + ods_row("12.5 %", "01/03/24") + blank
    tables = f'<table:table table:name="Boats">{rows}</table:table>'
    tables += f'<table:table table:name="Secret" table:style-name="ta2">{ods_row("hidden")}</table:table>'
    assert shown(parse_ods("a.ods", ods(tables))) == [
        "heading 1: Boats",
        "table 1: Share | Day\n12.5 % | 01/03/24",
    ]


def test_ods_with_a_password() -> None:
    with pytest.raises(KairosError) as failure:
        parse_ods("a.ods", ods("", "<manifest:encryption-data/>"))
    assert failure.value.code == "file_encrypted"


def test_ods_repeated_cells_keep_within_bounds() -> None:
    wide = '<table:table-cell table:number-columns-repeated="16384"><text:p>same</text:p></table:table-cell>'
    rows = f'<table:table-row table:number-rows-repeated="1048576">{wide}</table:table-row>'
    assert (
        len(parse_ods("a.ods", ods(f'<table:table table:name="Boats">{rows}</table:table>')).text)
        < 10_000_000
    )
