"""XLSX and XLSM to sheets, cell by cell as Excel shows them; nothing is kept for blank cells."""

import io
import re
import zipfile
from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from tools.parse.office.package import ordinary, related, relation_id
from tools.parse.workbook.number_format import BUILT_IN, shown
from tools.parse.workbook.sheet import Sheet
from tools.parse.xml.tree import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_NAMESPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_VALUE, _INLINE, _TEXT = f"{_NAMESPACE}v", f"{_NAMESPACE}is", f"{_NAMESPACE}t"
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})(?::\$?([A-Z]{1,3})\$?(\d{1,7}))?\Z")
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\Z")  # other texts are shown as they are
_TRUTH = {"0": "FALSE", "1": "TRUE"}


class _Look(NamedTuple):
    """What cells refer to: shared strings, number formats by style, and the calendar."""

    strings: list[str]
    formats: list[str]
    from_1904: bool


def read_xlsx(data: bytes) -> Iterator[Sheet]:
    """The sheets that are not hidden; raises KeyError, zipfile or lxml errors for a damaged file."""
    with zipfile.ZipFile(io.BytesIO(ordinary(data))) as archive:
        main = next(part for kind, part in related(archive, "").values() if kind == "officeDocument")
        relations = related(archive, main)
        parts = {kind: part for kind, part in relations.values() if part in archive.namelist()}
        book = read_xml(archive.read(main))
        properties = book.find(f"{_NAMESPACE}workbookPr")
        look = _Look(
            _strings(archive, parts.get("sharedStrings")),
            _formats(archive, parts.get("styles")),
            properties is not None and properties.get("date1904") in ("1", "true"),
        )
        for number, node in enumerate(book.iterfind(f"{_NAMESPACE}sheets/{_NAMESPACE}sheet"), 1):
            kind, part = relations.get(relation_id(node), ("", ""))
            if kind == "worksheet" and node.get("state", "visible") == "visible":
                yield _sheet(archive, part, Sheet(node.get("name", ""), number), look)


def _strings(archive: zipfile.ZipFile, part: str | None) -> list[str]:
    from lxml import etree

    if not part:
        return []
    strings: list[str] = []
    with archive.open(part) as stream:
        for _, node in etree.iterparse(stream, tag=f"{_NAMESPACE}si", resolve_entities=False):
            strings.append(_rich(node))
            _forget(node)
    return strings


def _rich(node: "_Element") -> str:
    """Text of all runs, without the reading aids of East Asian scripts."""
    phonetic = f"{_NAMESPACE}rPh"
    return "".join(text.text or "" for child in node if child.tag != phonetic for text in child.iter(_TEXT))


def _formats(archive: zipfile.ZipFile, part: str | None) -> list[str]:
    """The number format of each cell style."""
    if not part:
        return []
    root = read_xml(archive.read(part))
    codes = {str(number): code for number, code in BUILT_IN.items()}
    for node in root.iterfind(f"{_NAMESPACE}numFmts/{_NAMESPACE}numFmt"):
        codes[node.get("numFmtId", "")] = node.get("formatCode", "")
    styles = root.iterfind(f"{_NAMESPACE}cellXfs/{_NAMESPACE}xf")
    return [codes.get(style.get("numFmtId", "0"), "General") for style in styles]


def _sheet(archive: zipfile.ZipFile, part: str, sheet: Sheet, look: _Look) -> Sheet:
    from lxml import etree

    row_tag, merge_tag = f"{_NAMESPACE}row", f"{_NAMESPACE}mergeCell"
    last = -1
    with archive.open(part) as stream:
        for _, node in etree.iterparse(stream, tag=(row_tag, merge_tag), resolve_entities=False):
            if node.tag == row_tag:
                number = node.get("r", "")
                last = int(number) - 1 if number.isdecimal() else last + 1
                if cells := _cells(node, look):
                    sheet.rows.setdefault(last, {}).update(cells)
            elif match := _RANGE.match(node.get("ref", "")):
                top, left, bottom, right = _corners(match)
                sheet.spans[top, left] = (bottom - top + 1, right - left + 1)
            _forget(node)
    sheet.rows = dict(sorted(sheet.rows.items()))
    return sheet


def _cells(row: "_Element", look: _Look) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = -1
    for cell in row:
        reference = cell.get("r", "").rstrip("0123456789")
        column = column_number(reference) if reference else column + 1
        if text := _text(cell, look).strip():
            cells[column] = text
    return cells


def _text(cell: "_Element", look: _Look) -> str:
    kind, value = cell.get("t", "n"), ""
    for child in cell:
        if child.tag == _VALUE:
            value = child.text or ""
        elif child.tag == _INLINE:
            return _rich(child)
    if kind == "s":
        return look.strings[int(value)] if value else ""
    if kind == "b":
        return _TRUTH.get(value, value)
    if kind != "n" or not value:
        return value.removesuffix("T00:00:00") if kind == "d" else value
    style = cell.get("s", "0")
    code = look.formats[int(style)] if style.isdecimal() and int(style) < len(look.formats) else "General"
    return shown(float(value), code, look.from_1904) if _NUMBER.match(value) else value


@lru_cache(maxsize=16384)
def column_number(letters: str) -> int:
    """The column, from 0, that a reference such as "AB" names."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number - 1


def _corners(match: re.Match[str]) -> tuple[int, int, int, int]:
    top, left = int(match[2]) - 1, column_number(match[1])
    return top, left, int(match[4] or match[2]) - 1, column_number(match[3] or match[1])


def _forget(node: "_Element") -> None:
    """Free an element that has been read, and its place in the tree."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]
