"""HTML, as files and as parts of other formats, to blocks."""

import re
from typing import TYPE_CHECKING

from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.front_matter import split_front_matter
from tools.parse.html.blocks import html_blocks
from tools.parse.html.main import drop, main_content
from tools.parse.html.table import inline_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser

_NEVER_TEXT = "script, style, noscript, template, svg, iframe, object, canvas, select, textarea, annotation"
_DEEPEST = 5000
# Tags of elements that do not end by themselves.
_LASTING = re.compile(
    r"<(/?)(?!(?:p|li|d[dt]|t[drh]|tbody|thead|tfoot|option|br|hr|img|input|meta|link|col|wbr|area|source)\b)"
    r"[a-z][^<>]*+>(?<!/>)",
    re.IGNORECASE,
)


def parse_html(name: str, data: bytes) -> Document:
    """The main content of a page; its title is the main heading where the title element repeats it."""
    metadata, source = split_front_matter(decode(data).replace("\r\n", "\n"))
    tree = _tree(source)
    metadata |= _metadata(tree)
    blocks = list(html_blocks(main_content(tree)))
    title = metadata.pop("title", "")
    heading = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), "")
    if heading and heading in title:
        title = heading
    return assemble(title or title_of(name, blocks), "text/html", blocks, metadata=metadata)


def page_blocks(source: str) -> list[Block]:
    """The main content of a page that is part of another file."""
    return list(html_blocks(main_content(_tree(source))))


def body_blocks(source: str) -> list[Block]:
    """All that can be read of a page, notes at its side too."""
    return list(html_blocks(_tree(source).body))


def read_html(source: str) -> "LexborHTMLParser":
    """The tree of a page; one nested beyond all use is refused, for reading it takes quadratic time."""
    from selectolax.lexbor import LexborHTMLParser

    if source.count("<") > _DEEPEST and _left_open(source) > _DEEPEST:
        raise ValueError(f"more than {_DEEPEST} elements are left open")
    return LexborHTMLParser(source)


def _tree(source: str) -> "LexborHTMLParser":
    """The tree of a page without what is never text."""
    tree = read_html(source)
    if tree.root is not None:
        drop(tree.root, _NEVER_TEXT)
    return tree


def _left_open(source: str) -> int:
    marks = _LASTING.findall(source)
    return len(marks) - 2 * marks.count("/")


def _metadata(tree: "LexborHTMLParser") -> dict[str, str]:
    found = {"title": inline_text(title)} if (title := tree.css_first("head > title")) is not None else {}
    for meta in tree.css("meta[name=author], meta[name=description], meta[name=keywords]"):
        found[meta.attributes["name"] or ""] = meta.attributes.get("content") or ""
    return {key: value for key, value in found.items() if value}
