"""The shapes of a slide: their order, and the blocks of each."""

from collections.abc import Iterable, Iterator
from typing import Any

from tools.parse.document import Block
from tools.parse.office.alt_text import alt_text
from tools.parse.office.drawings import chart_blocks, diagram_blocks, drawn_text
from tools.parse.table import table_blocks
from tools.parse.xml.tree import read_xml

_A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_DATA = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}dm"
_MOST_NESTED = 20  # groups within groups


def unwrap(tree: Any) -> None:
    """Put shapes that are written for newer programs, too, in their place among the others."""
    for choice in list(tree.iter(f"{_MC}AlternateContent")):
        branches = choice.findall(f"{_MC}Choice") + choice.findall(f"{_MC}Fallback")
        shape = next((child for branch in branches for child in branch if child.tag.startswith(_P)), None)
        if shape is not None:
            choice.getparent().replace(choice, shape)


def in_order(shapes: Iterable[Any]) -> Iterator[Any]:
    """Shapes from top to bottom, those beside each other from left to right; footers are left out."""
    placed = sorted((shape for shape in shapes if not _is_footer(shape)), key=lambda shape: shape.top or 0)
    line: list[Any] = []
    middle = 0
    for shape in placed:
        if line and (shape.top or 0) >= middle:
            yield from sorted(line, key=lambda shape: shape.left or 0)
            line = []
        if not line:
            middle = (shape.top or 0) + max((shape.height or 0) // 2, 1)
        line.append(shape)
    yield from sorted(line, key=lambda shape: shape.left or 0)


def is_heading(shape: Any) -> bool:
    """Whether a shape is the place of the slide's title."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    titles = (KIND.TITLE, KIND.CENTER_TITLE, KIND.VERTICAL_TITLE)
    return shape.has_text_frame and shape.is_placeholder and shape.placeholder_format.type in titles


def shape_blocks(shape: Any, page: int, depth: int = 0) -> Iterator[Block]:
    """The blocks of a shape and of those grouped in it."""
    if shape.element.tag.endswith("}grpSp"):
        for part in in_order(shape.shapes) if depth < _MOST_NESTED else ():
            yield from shape_blocks(part, page, depth + 1)
    elif shape.has_text_frame:
        yield from frame_blocks(shape.text_frame, page, _has_bullets(shape))
    elif getattr(shape, "has_table", False):
        yield from _grid(shape.table, page)
    elif getattr(shape, "has_chart", False):
        yield from chart_blocks(shape.chart._chartSpace, page)
    elif shape.element.tag.endswith("}graphicFrame"):
        yield from _diagram(shape, page)
    elif text := alt_text(shape.element._nvXxPr.cNvPr):
        yield Block("image", text, 0, page)


def frame_blocks(frame: Any, page: int, bullets: bool = False) -> Iterator[Block]:
    """The paragraphs of a text frame; neighbours with bullets or numbers are one list."""
    items: list[str] = []
    for paragraph in frame.paragraphs:
        text = " ".join(paragraph.text.split())
        if text and (bullets or _marker(paragraph)) and _marker(paragraph) is not False:
            items.append("  " * paragraph.level + "- " + text)
        elif text:
            yield Block("list", "\n".join(items), 0, page)
            items = []
            yield Block("paragraph", text, 0, page)
    yield Block("list", "\n".join(items), 0, page)


def _grid(table: Any, page: int) -> list[Block]:
    rows: list[list[str]] = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for at, row in enumerate(table._tbl.tr_lst):
        rows.append(
            [" ".join(drawn_text(paragraph) for paragraph in cell.iter(f"{_A}p")) for cell in row.tc_lst]
        )
        for column, cell in enumerate(row.tc_lst):
            if cell.rowSpan > 1 or cell.gridSpan > 1:
                spans[at, column] = (cell.rowSpan, cell.gridSpan)
    return table_blocks(rows, spans, page)


def _diagram(frame: Any, page: int) -> Iterator[Block]:
    relations = next(frame.element.iter(f"{_DIAGRAM}relIds"), None)
    if relations is not None and relations.get(_DATA) in frame.part.rels:
        yield from diagram_blocks(read_xml(frame.part.related_part(relations.get(_DATA)).blob), page)


def _marker(paragraph: Any) -> bool | None:
    """Whether a paragraph has a bullet or number, None where it does not say."""
    properties = paragraph._p.find(f"{_A}pPr")
    if properties is None:
        return None
    if properties.find(f"{_A}buNone") is not None:
        return False
    marked = any(properties.find(f"{_A}{tag}") is not None for tag in ("buChar", "buAutoNum", "buBlip"))
    return marked or None


def _has_bullets(shape: Any) -> bool:
    """Whether a shape is a place for a list, with more than one paragraph in it."""
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    if not shape.is_placeholder or shape.placeholder_format.type not in (
        KIND.BODY,
        KIND.OBJECT,
        KIND.VERTICAL_BODY,
    ):
        return False
    return sum(bool(paragraph.text.strip()) for paragraph in shape.text_frame.paragraphs) > 1


def _is_footer(shape: Any) -> bool:
    from pptx.enum.shapes import PP_PLACEHOLDER as KIND

    footers = (KIND.DATE, KIND.FOOTER, KIND.SLIDE_NUMBER, KIND.HEADER)
    return shape.is_placeholder and shape.placeholder_format.type in footers
