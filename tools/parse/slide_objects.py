"""Tables, charts and diagrams on a slide."""

from collections.abc import Iterator
from typing import Any

from tools.parse.document import Block
from tools.parse.number_format import plain
from tools.parse.table import table_blocks
from tools.parse.xml_tree import read_xml

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"


def grid_blocks(table: Any, page: int) -> list[Block]:
    """A table; its first row is the header where the table says so."""
    rows: list[list[str]] = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for at, row in enumerate(table._tbl.tr_lst):
        rows.append([" ".join("".join(_texts(paragraph)) for paragraph in cell.iter(f"{_A}p")) for cell in row.tc_lst])
        for column, cell in enumerate(row.tc_lst):
            if cell.rowSpan > 1 or cell.gridSpan > 1:
                spans[at, column] = (cell.rowSpan, cell.gridSpan)
    return table_blocks(rows, spans, page)


def _texts(paragraph: Any) -> Iterator[str]:
    for node in paragraph.iter(f"{_A}t", f"{_A}br"):
        yield (node.text or "") if node.tag == f"{_A}t" else " "


def chart_blocks(chart: Any, page: int) -> Iterator[Block]:
    """The title of a chart, and its values as a table of categories by series."""
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Block("caption", chart.chart_title.text_frame.text, 0, page)
    for plot in chart.plots:
        series = list(plot.series)
        names = [label for label in plot.categories]
        if names:
            header = ["", *(one.name for one in series)]
            columns = [list(one.values) for one in series]
            rows = [[str(name), *(_value(column, at) for column in columns)] for at, name in enumerate(names)]
            yield from table_blocks([header, *rows], page=page, header=1)


def _value(column: list[float | None], at: int) -> str:
    value = column[at] if at < len(column) else None
    return "" if value is None else plain(value)


def diagram_blocks(frame: Any, page: int) -> Iterator[Block]:
    """The texts of a SmartArt diagram as a list."""
    relations = next(frame.element.iter(f"{_DIAGRAM}relIds"), None)
    if relations is None or relations.get(_DATA) not in frame.part.rels:
        return
    root = read_xml(frame.part.related_part(relations.get(_DATA)).blob)
    texts = (" ".join("".join(point.itertext(f"{_A}t")).split()) for point in root.iter(f"{_DIAGRAM}pt"))
    yield Block("list", "\n".join(f"- {text}" for text in texts if text), 0, page)
