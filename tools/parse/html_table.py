"""Rows of an HTML data table; layout tables are told apart."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_MOST_SPAN = 50  # columns or rows that one cell may fill


def table_rows(table: "LexborNode") -> list[list[str]]:
    """The cells of each row, spanned ones repeated down and left blank across; empty for a layout table."""
    if table.css_first("table table, h1, h2, h3, h4, h5, h6, pre") is not None:
        return []
    open_spans: dict[int, tuple[str, int]] = {}
    rows = [_row(row, open_spans) for row in table.css("tr")]
    return rows if any(len(row) > 1 for row in rows) else []


def _row(row: "LexborNode", open_spans: dict[int, tuple[str, int]]) -> list[str]:
    """One row; `open_spans` maps a column to the text and the rows left of a cell that reaches down."""
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
            if down > 1:
                open_spans[len(cells)] = ("" if column else text, down - 1)
            cells.append("" if column else text)
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
