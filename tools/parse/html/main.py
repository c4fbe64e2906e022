"""The main content of a web page: what stands around it is dropped."""

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from tools.parse.html.table import inline_text

if TYPE_CHECKING:
    from selectolax.lexbor import LexborHTMLParser, LexborNode

_NOT_CONTENT = (
    "nav, aside, dialog, [hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo],"
    " [role=search], [role=complementary], [role=dialog], [role=alertdialog], [role=menu], [role=menubar]"
)
# Names of classes and ids that pages give to what is not their content.
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:cookies?|consent|gdpr|breadcrumbs?|navbar|navbox|nav|navigation|menu|sidebar|site-?header|site-?footer"
    r"|footer|mw-editsection|mw-jump-link|skip-?(?:link|nav|to-content)|share|sharing|social|pagination|pager|newsletter"
    r"|catlinks|printfooter|toc|screen-reader-text|sr-only|visually-?hidden|noprint|modal|popup|advert|ads)"
    r"(?=$|[\s_-])",
    re.IGNORECASE,
)
_NAMED = ", ".join(
    f"{tag}[class], {tag}[id]" for tag in "div section ul ol p span a table footer header".split()
)
_MOST_AROUND = 0.4  # share of the page's text; a part that holds more is its content, whatever its name


def main_content(tree: "LexborHTMLParser") -> "LexborNode | None":
    """The node that holds the content, without navigation, banners, asides, forms, page header and footer."""
    body = tree.body
    if body is None:
        return None
    drop(body, _NOT_CONTENT)
    _drop_around(body, "form")
    _drop_named(body)
    main = body.css_first("main, [role=main]")
    articles = body.css("article")
    if main is None and len(articles) == 1:
        main = articles[0]
    if main is not None and inline_text(main):
        return main
    _drop_around(body, "header, footer")
    return body


def drop(root: "LexborNode", selector: str, surely: Callable[["LexborNode"], bool] = lambda _: True) -> None:
    """Drop the nodes below `root` that match, inner ones first: what lies in a dropped node must not be touched."""
    found = {node.mem_id: node for node in root.css(selector)}  # a node that matches twice is found twice
    for node in reversed(found.values()):
        if surely(node):
            node.decompose()


def _drop_around(body: "LexborNode", selector: str) -> None:
    """Drop the nodes that match, but for one around the whole page: it holds its heading or article."""
    drop(body, selector, lambda node: node.css_first("h1, main, article") is None)


def _drop_named(body: "LexborNode") -> None:
    """Drop small parts whose class or id says that they are not content."""
    most = _MOST_AROUND * len(inline_text(body))

    def around(node: "LexborNode") -> bool:
        names = [node.attributes.get("class") or ""]
        if (
            node.css_first("h2, h3, h4") is None
        ):  # an id may also be the address of a section with such a heading
            names.append(node.attributes.get("id") or "")
        named = any(map(_AROUND.search, names))
        return named and node.css_first("h1, main, article") is None and len(inline_text(node)) < most

    drop(body, _NAMED, around)
