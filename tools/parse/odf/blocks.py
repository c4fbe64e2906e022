"""The content of an OpenDocument text or slide to blocks."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.parse.document import Block, Kind
from tools.parse.odf.table import read_rows, table_rows
from tools.parse.odf.text import APART, DRAW, SHAPES, SVG, TABLE, TEXT, cell_text, paragraphs, plain_text
from tools.parse.table import table_blocks

if TYPE_CHECKING:
    from lxml.etree import _Element

_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_UNREAD = frozenset(f"{TEXT}{tag}" for tag in ("tracked-changes", "table-of-content", "illustration-index",
    "table-index", "alphabetical-index", "sequence-decls", "note-citation"))  # fmt: skip
_CAPTIONS = frozenset({"Caption", "Table", "Illustration", "Figure", "Drawing"})
_CODES = frozenset({"Preformatted_20_Text", "Source_20_Code"})
_TITLES = frozenset({"Title"})
_MOST_PARENTS = 20  # a damaged file may close the chain of styles to a ring
_DEEPEST = 8  # levels of a list


@dataclass(frozen=True, slots=True)
class Styles:
    """The style that each style is based on, and whether each level of a list style is numbered."""

    parents: Mapping[str, str]
    numbered: Mapping[str, Mapping[str, bool]]


def read_styles(parts: Mapping[str, "_Element"]) -> Styles:
    """Styles of the file and of its content."""
    parents: dict[str, str] = {}
    numbered: dict[str, dict[str, bool]] = {}
    for root in parts.values():
        for style in root.iter(f"{_STYLE}style"):
            parents[style.get(f"{_STYLE}name", "")] = style.get(f"{_STYLE}parent-style-name", "")
        for style in root.iter(f"{TEXT}list-style"):
            levels = {level.get(f"{TEXT}level", "1"): _is_number(level) for level in style}
            numbered[style.get(f"{_STYLE}name", "")] = levels
    return Styles(parents, numbered)


def _is_number(level: "_Element") -> bool:
    return level.tag == f"{TEXT}list-level-style-number" and bool(level.get(f"{_STYLE}num-format"))


def blocks_of(parent: Iterable["_Element"], styles: Styles, page: int | None = None) -> Iterator[Block]:
    """Blocks of the elements of `parent`, through sections and frames."""
    for node in parent:
        if node.tag == f"{TEXT}h":
            level = node.get(f"{TEXT}outline-level", "1")
            yield Block("heading", plain_text(node), min(int(level), 6) if level.isdecimal() else 1, page)
            yield from _anchored(node, styles, page)
        elif node.tag == f"{TEXT}p":
            yield _paragraph(node, styles, page)
            yield from _anchored(node, styles, page)
        elif node.tag == f"{TEXT}list":
            yield Block("list", "\n".join(_items(node, styles, "", 0)), 0, page)
            for paragraph in paragraphs(node):
                yield from _anchored(paragraph, styles, page)
        elif node.tag == f"{TABLE}table":
            yield from _table(node, styles, page)
        elif node.tag == f"{DRAW}frame":
            yield from _frame(node, styles, page)
        elif node.tag not in _UNREAD and isinstance(node.tag, str):
            yield from blocks_of(node, styles, page)


def _paragraph(node: "_Element", styles: Styles, page: int | None) -> Block:
    text = plain_text(node)
    named = set(_lineage(node.get(f"{TEXT}style-name", ""), styles))
    if named & _TITLES:
        return Block("heading", text, 1, page)
    kind: Kind = "caption" if named & _CAPTIONS else "code" if named & _CODES else "paragraph"
    return Block(kind, text, 0, page)


def _lineage(style: str, styles: Styles) -> Iterator[str]:
    for _ in range(_MOST_PARENTS):
        if not style:
            return
        yield style
        style = styles.parents.get(style, "")


def _items(node: "_Element", styles: Styles, style: str, depth: int) -> Iterator[str]:
    """The lines of a list: its items with a dash or number, nested ones indented."""
    style = node.get(f"{TEXT}style-name") or style
    numbered = styles.numbered.get(style, {}).get(str(depth + 1), False)
    number = 0
    for item in node.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
        lines = [child for child in item if child.tag in (f"{TEXT}p", f"{TEXT}h")]
        if text := " ".join(" ".join(map(plain_text, lines)).split()):
            number += 1
            yield "  " * depth + (f"{number}. " if numbered else "- ") + text
        for nested in item.iterchildren(f"{TEXT}list"):
            yield from _items(nested, styles, style, min(depth + 1, _DEEPEST))


def _table(node: "_Element", styles: Styles, page: int | None) -> Iterator[Block]:
    """The table; one of a single column only draws a box around its content."""
    rows, spans, header = read_rows(node, cell_text)
    if max(map(len, rows), default=0) < 2:
        for row in table_rows(node):
            for cell in row:
                yield from blocks_of(cell, styles, page)
        return
    yield from table_blocks(rows, spans, page, header)
    for cell in (cell for row in table_rows(node) for cell in row):
        yield from _pictures(cell.iterfind(f"*//{DRAW}frame"), page)
        for inner in cell.iterchildren(f"{TABLE}table"):
            yield from _table(inner, styles, page)


def _anchored(paragraph: "_Element", styles: Styles, page: int | None) -> Iterator[Block]:
    """Pictures and text boxes anchored in a paragraph, and its notes."""
    for node in paragraph:
        if node.tag in SHAPES:
            yield from blocks_of([node], styles, page)
        elif node.tag == f"{TEXT}note":
            yield Block("paragraph", " ".join(plain_text(part) for part in node.iter(f"{TEXT}p")), 0, page)
        elif node.tag not in APART:
            yield from _anchored(node, styles, page)


def _frame(node: "_Element", styles: Styles, page: int | None) -> Iterator[Block]:
    """The text box or table in a frame, else what its picture is said to show."""
    blocks = list(blocks_of(node, styles, page))
    if not any(block.text.strip() for block in blocks):
        blocks = list(_pictures([node], page))
    yield from blocks


def _pictures(frames: Iterable["_Element"], page: int | None) -> Iterator[Block]:
    for frame in frames:
        if text := frame.findtext(f"{SVG}desc") or frame.findtext(f"{SVG}title"):
            yield Block("image", text, 0, page)
