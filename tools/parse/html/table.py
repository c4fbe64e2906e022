"""Rows of an HTML data table; layout tables are told apart."""

from typing import TYPE_CHECKING

from tools.parse.table.header import stacked

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MOST_SPAN = 50  # columns or rows that one cell may fill
_MOST_HEADER = 6  # rows of a header

Spans = dict[int, tuple[str, int]]


def table_rows(table: "LexborNode") -> list[list[str]]:
    """The header row and the rows below; empty for a layout table.

    Spanned cells are repeated down and left blank across; a header of several rows becomes one, whose cells name
    what stands above their column from top to bottom.
    """
    if table.css_first("table table, h1, h2, h3, h4, h5, h6, pre") is not None:
        return []
    rows = table.css("tr")
    header = _header_height(rows)
    open_spans: Spans = {}
    cells = [_row(row, open_spans, index < header and header > 1) for index, row in enumerate(rows)]
    if not any(len(row) > 1 for row in cells):
        return []
    if header > 1:
        cells = [stacked(cells[:header]), *cells[header:]]
    return [row for row in cells if any(row)]


def _header_height(rows: list["LexborNode"]) -> int:
    """Rows at the top that hold nothing but header cells; none where nothing follows them."""
    height = 0
    for row in rows[:_MOST_HEADER]:
        tags = [cell.tag for cell in row.iter() if cell.tag in ("td", "th")]
        inside = row.parent is not None and row.parent.tag == "thead"
        if not inside and (not tags or "td" in tags):
            break
        height += 1
    return height if height < len(rows) else 0


def _row(row: "LexborNode", open_spans: Spans, across: bool) -> list[str]:
    """One row; `open_spans` maps a column to the text and the rows left of a cell that reaches down.

    `across` repeats the text of a cell in every column that it spans.
    """
    cells: list[str] = []

    def fill() -> None:
        while len(cells) in open_spans:
            text, left = open_spans.pop(len(cells))
            if left > 1:
                open_spans[len(cells)] = (text, left - 1)
            cells.append(text)

    for cell in row.iter():
        if cell.tag not in ("td", "th"):
            continue
        fill()
        text, down = inline_text(cell), _span(cell, "rowspan")
        for column in range(_span(cell, "colspan")):
            shown = "" if column and not across else text
            if down > 1:
                open_spans[len(cells)] = (shown, down - 1)
            cells.append(shown)
    fill()
    return cells


def _span(cell: "LexborNode", name: str) -> int:
    value = cell.attributes.get(name) or "1"
    return min(int(value), _MOST_SPAN) if value.isdecimal() and value != "0" else 1


def inline_text(node: "LexborNode") -> str:
    """All text below `node` on one line; blocks and line breaks become blanks, images their alt text."""
    parts: list[str] = []
    for part in node.traverse(include_text=True):
        tag = part.tag
        if tag == "-text":
            parts.append(part.text_content or "")
        elif tag == "img":
            parts.append(part.attributes.get("alt") or "")
        elif tag in ("br", "p", "div", "li", "ul", "ol", "dd", "dt", "tr", "td"):
            parts.append(" ")
    return " ".join("".join(parts).split())
