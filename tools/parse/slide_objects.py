"""Tables, charts and diagrams on a slide."""

import re
from collections.abc import Iterator
from typing import Any

from tools.parse.document import Block
from tools.parse.number_format import plain
from tools.parse.table import table_blocks
from tools.parse.xml_tree import read_xml

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_DECIMALS = re.compile(r"-?\d{1,15}\.\d+\Z")


def grid_blocks(table: Any, page: int) -> list[Block]:
    """A table; its first row is the header where the table says so."""
    rows: list[list[str]] = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for at, row in enumerate(table._tbl.tr_lst):
        rows.append(
            [" ".join("".join(_texts(paragraph)) for paragraph in cell.iter(f"{_A}p")) for cell in row.tc_lst]
        )
        for column, cell in enumerate(row.tc_lst):
            if cell.rowSpan > 1 or cell.gridSpan > 1:
                spans[at, column] = (cell.rowSpan, cell.gridSpan)
    return table_blocks(rows, spans, page)


def _texts(paragraph: Any) -> Iterator[str]:
    for node in paragraph.iter(f"{_A}t", f"{_A}br"):
        yield (node.text or "") if node.tag == f"{_A}t" else " "


def chart_blocks(chart: Any, page: int) -> Iterator[Block]:
    """The title of a chart, and its values as a table of categories by series."""
    root = chart._chartSpace
    titles = (_joined(title) for title in root.iterfind(f"{_C}chart/{_C}title"))
    yield from (Block("caption", title, 0, page) for title in titles)
    names: dict[int, str] = {}
    header, columns = [""], list[dict[int, str]]()
    for series in root.iter(f"{_C}ser"):
        names |= _points(series, "cat", "xVal")
        header.append(" ".join(value.text or "" for value in series.iterfind(f"{_C}tx//{_C}v")))
        columns.append(_points(series, "val", "yVal"))
    places = sorted(set(names).union(*columns))
    rows = [[names.get(at, str(at + 1)), *(column.get(at, "") for column in columns)] for at in places]
    if rows:
        yield from table_blocks([header, *rows], page=page, header=1)


def _joined(title: Any) -> str:
    return " ".join("".join(_texts(paragraph)) for paragraph in title.iter(f"{_A}p"))


def _points(series: Any, *tags: str) -> dict[int, str]:
    """The values saved with a series, by their place; of nested categories the innermost."""
    points: dict[int, str] = {}
    for tag in tags:
        levels = [*series.iterfind(f"{_C}{tag}//{_C}lvl")][:1] or series.iterfind(f"{_C}{tag}")
        for point in (point for level in levels for point in level.iter(f"{_C}pt")):
            at, text = point.get("idx", ""), point.findtext(f"{_C}v") or ""
            if at.isdecimal():
                points[int(at)] = plain(float(text)) if _DECIMALS.match(text) else text
    return points


def diagram_blocks(frame: Any, page: int) -> Iterator[Block]:
    """The texts of a SmartArt diagram as a list."""
    relations = next(frame.element.iter(f"{_DIAGRAM}relIds"), None)
    if relations is None or relations.get(_DATA) not in frame.part.rels:
        return
    root = read_xml(frame.part.related_part(relations.get(_DATA)).blob)
    texts = (" ".join("".join(point.itertext(f"{_A}t")).split()) for point in root.iter(f"{_DIAGRAM}pt"))
    yield Block("list", "\n".join(f"- {text}" for text in texts if text), 0, page)
