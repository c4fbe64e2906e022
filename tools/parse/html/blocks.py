"""The tree of a page, or of Markdown, to blocks."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.parse.document import Block
from tools.parse.html.table import inline_text, table_rows

if TYPE_CHECKING:
    from selectolax.lexbor import LexborNode

_BLOCK_TAG = re.compile(
    r"(?:html|body|main|article|section|div|p|blockquote|address|figure|details|summary|fieldset|header"
    r"|footer|nav|aside|form|dt|dd|table|tbody|thead|tfoot|tr|td|th|hr|center|li)\Z"
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLANKS = re.compile(r"\s+")
_PERMALINK = re.compile(r"\s*[¶🔗]\s*$")
_FILE_NAME = re.compile(r"\S+\.\w{3,4}\Z")


def html_blocks(root: "LexborNode | None") -> Iterator[Block]:
    """Headings, paragraphs, lists, tables, code, captions and pictures below `root`, in document order."""
    inline: list[tuple[str, bool]] = []  # text, and whether it stands for a picture
    stack: list[LexborNode | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # the end of a block
            yield from _paragraph(inline)
            continue
        tag = node.tag
        if tag == "-text":
            inline.append((_BLANKS.sub(" ", node.text_content or ""), False))
        elif tag == "br":
            inline.append(("\n", False))
        elif tag == "img":
            inline.append((_alternative(node), True))
        elif (whole := _whole(node)) is not None:
            yield from _paragraph(inline)
            yield from whole
        else:
            if _BLOCK_TAG.match(tag or ""):
                yield from _paragraph(inline)
                stack.append(None)
            stack.extend(reversed(list(node.iter(include_text=True))))
    yield from _paragraph(inline)


def _paragraph(inline: list[tuple[str, bool]]) -> Iterator[Block]:
    """What has been gathered: a paragraph, or pictures where there is nothing beside them."""
    told = [(text, picture) for text, picture in inline if text.strip()]
    text = "".join(text for text, _ in inline)
    inline.clear()
    if told and all(picture for _, picture in told):
        yield from (Block("image", text) for text, _ in told)
    elif told:
        yield Block("paragraph", text)


def _alternative(image: "LexborNode") -> str:
    """What a picture is said to show; the name of its file says nothing."""
    text = (image.attributes.get("alt") or "").strip()
    return "" if _FILE_NAME.match(text) else text


def _whole(node: "LexborNode") -> list[Block] | None:
    """The blocks of an element that is read as one, None for a mere container."""
    tag = node.tag
    if tag in _HEADINGS:
        return [Block("heading", _PERMALINK.sub("", inline_text(node)), _HEADINGS[tag])]
    if tag in ("ul", "ol"):
        return [Block("list", "\n".join(_list_lines(node)))]
    if tag == "dl":
        return _definitions(node)
    if tag == "pre":
        return [Block("code", node.text())]
    if tag in ("figcaption", "caption"):
        return [Block("caption", inline_text(node))]
    if tag == "table" and (rows := table_rows(node)):
        caption = node.css_first("caption")
        above = [] if caption is None else [Block("caption", inline_text(caption))]
        return [*above, Block("table", "\n".join(" | ".join(row) for row in rows))]
    return None


def _definitions(node: "LexborNode") -> list[Block] | None:
    """A list of terms, each with what is said of it; one that holds headings or tables is a mere container."""
    if node.css_first("h1, h2, h3, h4, h5, h6, table, pre, dl dl") is not None:
        return None
    lines: list[str] = []
    terms: list[str] = []
    for part in node.css("dt, dd"):
        if part.tag == "dt":
            terms.append(inline_text(part).rstrip(" :"))
            continue
        said = [line for block in html_blocks(part) for line in block.text.split("\n") if line.strip()]
        first, *rest = said or [""]
        lines.append(f"- {', '.join(terms)}: {first.strip()}" if terms else f"  {first.strip()}")
        lines += ["  " + line.rstrip() for line in rest]
        terms = []
    lines += [f"- {term}" for term in terms]
    return [Block("list", "\n".join(lines))]


def _list_lines(node: "LexborNode") -> Iterator[str]:
    """One line an item, deeper lists and further blocks of an item indented by two blanks."""
    start = node.attributes.get("start") or "1"
    number = int(start) if start.isdecimal() else 1
    for item in node.iter():
        if item.tag in ("ul", "ol"):
            yield from ("  " + line for line in _list_lines(item))
            continue
        marker = f"{number}. " if node.tag == "ol" else "- "
        number += 1
        lines = [(block.kind, line) for block in html_blocks(item) for line in block.text.split("\n")]
        yield from _item_lines(marker, [(kind, line) for kind, line in lines if line.strip()])


def _item_lines(marker: str, lines: list[tuple[str, str]]) -> Iterator[str]:
    """The lines of one item: the first behind its marker, the rest below it."""
    for index, (kind, line) in enumerate(lines):
        if index == 0 and kind != "list":
            yield marker + line.strip()
        else:
            yield "  " + (line.rstrip() if kind in ("list", "code") else line.strip())
