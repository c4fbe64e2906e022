"""ODS to sheets: the text that each cell was saved with, so numbers and dates as people see them."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.parse.odf.table import read_cells
from tools.parse.odf.text import TABLE, cell_text, read_parts
from tools.parse.workbook.sheet import Sheet

if TYPE_CHECKING:
    from lxml.etree import _Element

_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"


def read_ods(name: str, data: bytes) -> Iterator[Sheet]:
    """The sheets that are not hidden; raises KairosError file_encrypted."""
    content = read_parts(name, data)["content.xml"]
    hidden = _hidden_styles(content)
    for number, table in enumerate(content.iterfind(f"{{*}}body/{{*}}spreadsheet/{TABLE}table"), 1):
        if table.get(f"{TABLE}style-name") not in hidden:
            cells, spans = read_cells(table, cell_text)
            yield Sheet(table.get(f"{TABLE}name", ""), number, cells, spans)


def _hidden_styles(content: "_Element") -> set[str | None]:
    return {
        properties.getparent().get(f"{_STYLE}name")
        for properties in content.iter(f"{_STYLE}table-properties")
        if properties.get(f"{TABLE}display") == "false"
    }
