"""Markdown to blocks, by way of the HTML it stands for."""

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.front_matter import split_front_matter
from tools.parse.html import read_html
from tools.parse.html.blocks import html_blocks
from tools.parse.html.main import drop
from tools.parse.liquid import strip_tags

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

# Written without an end these would swallow the rest of the page.
_SWALLOWING = re.compile(
    r"</?(?:title|textarea|xmp|plaintext|noembed|noframes|iframe|select|noscript|template)\b[^>]*>",
    re.IGNORECASE,
)
_KEPT_INLINE = re.compile(r"<(?:br|img)\b", re.IGNORECASE)


def parse_markdown(name: str, data: bytes) -> Document:
    """A page with its front matter as metadata; the title is the front matter's, else the first heading."""
    metadata, source = split_front_matter(decode(data).replace("\r\n", "\n"))
    blocks = markdown_blocks(strip_tags(source))
    return assemble(
        metadata.pop("title", "") or title_of(name, blocks), "text/markdown", blocks, metadata=metadata
    )


def markdown_blocks(source: str) -> list[Block]:
    """The blocks of Markdown without front matter."""
    tree = read_html(_reader().render(source))
    if tree.root is not None:
        drop(tree.root, "script, style")
    return list(html_blocks(tree.body))


@cache
def _reader() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    reader.add_render_rule("html_block", _html_block)
    reader.add_render_rule("html_inline", _html_inline)
    return reader


def _html_block(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    return _SWALLOWING.sub("", tokens[index].content)


def _html_inline(_renderer: Any, tokens: Any, index: int, _options: Any, _env: Any) -> str:
    """Tags inside a line say nothing readable, but for line breaks and images."""
    content: str = tokens[index].content
    return content if _KEPT_INLINE.match(content) else ""
