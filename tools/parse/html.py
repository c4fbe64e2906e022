"""HTML, and the HTML that Markdown becomes, to blocks."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.front_matter import split_front_matter
from tools.parse.html_table import inline_text, table_rows

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NEVER_TEXT = "script, style, noscript, template, svg, iframe, object, canvas, select, textarea, annotation"
_NOT_CONTENT = (
    "nav, aside, dialog, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo],"
    " [role=search], [role=complementary]"
)
_BLOCK_TAG = re.compile(
    r"(?:html|body|main|article|section|div|p|blockquote|address|figure|figcaption|details|summary|fieldset|header"
    r"|footer|nav|aside|form|dl|dt|dd|table|caption|tbody|thead|tfoot|tr|td|th|hr|center|li)\Z"
)
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_BLANKS = re.compile(r"\s+")
_DEEPEST = 5000
# Tags of elements that do not end by themselves.
_LASTING = re.compile(
    r"<(/?)(?!(?:p|li|d[dt]|t[drh]|tbody|thead|tfoot|option|br|hr|img|input|meta|link|col|wbr|area|source)\b)"
    r"[a-z][^<>]*+>(?<!/>)",
    re.IGNORECASE,
)
_PERMALINK = re.compile(r"\s*[¶🔗]\s*$")


def parse_html(name: str, data: bytes) -> Document:
    """The main content of a page; its title is the main heading where the title element repeats it."""
    metadata, source = split_front_matter(decode(data).replace("\r\n", "\n"))
    tree = read_html(source)
    metadata |= _metadata(tree)
    for node in tree.css(_NEVER_TEXT):
        node.decompose()
    blocks = list(html_blocks(_main(tree)))
    title = metadata.pop("title", "")
    heading = next((block.text for block in blocks if block.kind == "heading" and block.level == 1), "")
    if heading and heading in title:
        title = heading
    return assemble(title or title_of(name, blocks), "text/html", blocks, metadata=metadata)


def read_html(source: str) -> "LexborHTMLParser":
    """The tree of a page; one nested beyond all use is refused, for reading it takes quadratic time."""
    from selectolax.lexbor import LexborHTMLParser

    if source.count("<") > _DEEPEST and _left_open(source) > _DEEPEST:
        raise ValueError(f"more than {_DEEPEST} elements are left open")
    return LexborHTMLParser(source)


def _left_open(source: str) -> int:
    marks = _LASTING.findall(source)
    return len(marks) - 2 * marks.count("/")


def _metadata(tree: "LexborHTMLParser") -> dict[str, str]:
    found = {"title": inline_text(title)} if (title := tree.css_first("head > title")) is not None else {}
    for meta in tree.css("meta[name=author], meta[name=description], meta[name=keywords]"):
        found[meta.attributes["name"] or ""] = meta.attributes.get("content") or ""
    return {key: value for key, value in found.items() if value}


def _main(tree: "LexborHTMLParser") -> "LexborNode | None":
    """The node that holds the content, without navigation, asides, forms and page header and footer."""
    body = tree.body
    if body is None:
        return None
    for node in body.css(_NOT_CONTENT):
        node.decompose()
    _drop_around(body, "form")
    main = body.css_first("main, [role=main]")
    articles = body.css("article")
    if main is None and len(articles) == 1:
        main = articles[0]
    if main is not None and inline_text(main):
        return main
    _drop_around(body, "header, footer")
    return body


def _drop_around(body: "LexborNode", selector: str) -> None:
    """Drop the nodes that match, but for one around the whole page: it holds its heading or article."""
    for node in body.css(selector):
        if node.css_first("h1, main, article") is None:
            node.decompose()


def html_blocks(root: "LexborNode | None") -> Iterator[Block]:
    """Headings, paragraphs, lists, tables and code below `root`, in document order."""
    inline: list[str] = []
    stack: list[LexborNode | None] = [root]
    while stack:
        node = stack.pop()
        if node is None:  # the end of a block
            yield from _paragraph(inline)
            continue
        tag = node.tag
        if tag == "-text":
            inline.append(_BLANKS.sub(" ", node.text_content or ""))
        elif tag == "br":
            inline.append("\n")
        elif tag == "img":
            inline.append(node.attributes.get("alt") or "")
        elif (whole := _whole(node)) is not None:
            yield from _paragraph(inline)
            yield from whole
        else:
            if _BLOCK_TAG.match(tag or ""):
                yield from _paragraph(inline)
                stack.append(None)
            stack.extend(reversed(list(node.iter(include_text=True))))
    yield from _paragraph(inline)


def _paragraph(inline: list[str]) -> Iterator[Block]:
    text = "".join(inline)
    inline.clear()
    if text and not text.isspace():
        yield Block("paragraph", text)


def _whole(node: "LexborNode") -> list[Block] | None:
    """The blocks of an element that is read as one, None for a mere container."""
    tag = node.tag
    if tag in _HEADINGS:
        return [Block("heading", _PERMALINK.sub("", inline_text(node)), _HEADINGS[tag])]
    if tag in ("ul", "ol"):
        return [Block("list", "\n".join(_list_lines(node)))]
    if tag == "pre":
        return [Block("code", node.text())]
    if tag == "table" and (rows := table_rows(node)):
        caption = node.css_first("caption")
        above = [] if caption is None else [Block("paragraph", inline_text(caption))]
        return [*above, Block("table", "\n".join(" | ".join(row) for row in rows))]
    return None


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
