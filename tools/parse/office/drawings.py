"""Charts and diagrams in Office files."""

import re
from collections.abc import Iterator
from typing import Any

from tools.parse.document import Block
from tools.parse.table import table_blocks
from tools.parse.workbook.number_format import plain

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_C = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DECIMALS = re.compile(r"-?\d{1,15}\.\d+\Z")


def drawn_text(paragraph: Any) -> str:
    """The text of a paragraph of DrawingML on one line."""
    nodes = paragraph.iter(f"{_A}t", f"{_A}br")
    return " ".join("".join((node.text or "") if node.tag == f"{_A}t" else " " for node in nodes).split())


def chart_blocks(root: Any, page: int | None = None) -> Iterator[Block]:
    """The title of a chart, given the root of its part, and its values as a table of categories by series."""
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
    return " ".join(drawn_text(paragraph) for paragraph in title.iter(f"{_A}p"))


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


def diagram_blocks(root: Any, page: int | None = None) -> Iterator[Block]:
    """The texts of a SmartArt diagram, given the root of its data, as a list."""
    texts = (" ".join("".join(point.itertext(f"{_A}t")).split()) for point in root.iter(f"{_DIAGRAM}pt"))
    yield Block("list", "\n".join(f"- {text}" for text in texts if text), 0, page)
