"""XML to blocks: documents (JATS, DocBook, FictionBook, patents) by what their usual tags mean, data by its shape."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tools.parse.assemble import assemble, title_of
from tools.parse.document import Block, Document
from tools.parse.media_types import XML
from tools.parse.xml.records import is_data, pairs, record_table
from tools.parse.xml.table import is_table, rows_of
from tools.parse.xml.tree import inline, is_mixed, local, read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_TITLES = frozenset("title article-title book-title head heading invention-title chapter-title".split())
_PARAGRAPHS = frozenset(
    "p para simpara v subtitle text-author claim-text ref bibl biblioentry mixed-citation".split()
)
_SECTIONS = frozenset(
    "sec section sect1 sect2 sect3 sect4 sect5 chapter part appendix preface glossary topic div subsection"
    " abstract ref-list ack app description claims".split()
)
_LISTS = frozenset("list itemizedlist orderedlist variablelist simplelist ul ol dl def-list".split())
_ORDERED = frozenset("orderedlist ol".split())
_CODE = frozenset("programlisting screen preformat literallayout codeblock verbatim".split())
_CAPTIONS = frozenset("caption figcaption".split())
# What describes a paper's place in a journal or holds bytes, not text.
_UNREAD = frozenset(
    "binary journal-meta article-id article-categories pub-date history permissions self-uri counts contrib-id"
    " custom-meta-group object-id issue volume elocation-id annotation tex-math script style colspec".split()
)
_NO_DATA = _TITLES | _PARAGRAPHS | _LISTS | _CODE | _CAPTIONS | _UNREAD | {"label", "xref", "contrib-group"}
_APART = (
    _SECTIONS | _LISTS | _CODE | _CAPTIONS | frozenset("p para simpara fig table-wrap figure table".split())
)


def parse_xml(name: str, data: bytes) -> Document:
    """Titles become headings by their depth, repeated records tables, other leaves "name: value" lines."""
    root = read_xml(data)
    blocks = list(_blocks(root, 1))
    return assemble(title_of(name, blocks), XML, blocks)


def _blocks(node: "_Element", level: int) -> Iterator[Block]:
    """The blocks of an element; a title in it is a heading of `level`."""
    tag = local(node)
    if not tag or tag in _UNREAD or tag == "xref":
        return
    if tag in _TITLES:
        yield Block("heading", inline(node), level)
    elif tag == "contrib-group":
        yield Block("paragraph", _names(node))
    elif tag in _CODE:
        yield Block("code", "".join(node.itertext()))
    elif tag in _LISTS:
        yield Block("list", "\n".join(_items(node)))
    elif tag in _CAPTIONS or tag == "label":
        yield Block("caption", _captioned(node))
    elif is_table(node):
        yield Block("table", "\n".join(" | ".join(row) for row in rows_of(node)))
    elif tag in _PARAGRAPHS or is_mixed(node):
        yield from _paragraph(node, level)
    else:
        yield from _container(node, min(level + (tag in _SECTIONS), 6))


def _container(node: "_Element", level: int) -> Iterator[Block]:
    """The children of an element without text of its own; neighbours that are data stand in one block."""
    if rows := record_table(node, _NO_DATA):
        yield Block("table", rows)
        return
    held: list[str] = []
    for child in node:
        if is_data(child, _NO_DATA):
            held += pairs(child)
            continue
        yield Block("paragraph", "\n".join(held))
        held = []
        yield from _blocks(child, level)
    yield Block("paragraph", "\n".join(held))


def _paragraph(node: "_Element", level: int) -> Iterator[Block]:
    """The text of an element; lists, tables and the like in it stand apart."""
    held = [node.text or ""]
    for child in node:
        if local(child) in _APART or is_table(child):
            yield Block("paragraph", " ".join("".join(held).split()))
            held = []
            yield from _blocks(child, level)
        elif local(child) not in _UNREAD:
            held.append(f"{inline(child)} " if not is_mixed(node) else "".join(child.itertext()))
        held.append(child.tail or "")
    yield Block("paragraph", " ".join("".join(held).split()))


def _captioned(node: "_Element") -> str:
    """A caption behind the number of its figure or table; nothing for a number that a caption follows."""
    above = node.getparent()
    if local(node) == "label":
        alone = above is None or not any(local(child) in _CAPTIONS | _TITLES for child in above)
        return inline(node) if alone and local(above) in ("fig", "table-wrap") else ""
    label = next((child for child in above if local(child) == "label"), None) if above is not None else None
    return f"{'' if label is None else inline(label)} {inline(node)}"


def _names(group: "_Element") -> str:
    """The people of a list of contributors."""
    people = (node for node in group.iter() if local(node) in ("name", "string-name", "collab"))
    named = ((person.findtext("{*}given-names"), person.findtext("{*}surname"), person) for person in people)
    return ", ".join(
        f"{given} {surname}" if given and surname else inline(node) for given, surname, node in named
    )


def _items(node: "_Element") -> Iterator[str]:
    """One line an item, inner lists indented by two blanks."""
    ordered = local(node) in _ORDERED or node.get("list-type") == "order"
    number = 0
    for item in node:
        if not local(item):
            continue
        if local(item) in _LISTS:
            yield from ("  " + line for line in _items(item))
            continue
        number += 1
        inner = [child for child in item.iter() if local(child) in _LISTS and child is not item]
        outer = [child for child in inner if not any(above in inner for above in child.iterancestors())]
        lines = [line for child in outer for line in _items(child)]
        for child in outer:
            child.clear(keep_tail=True)
        yield (f"{number}. " if ordered else "- ") + inline(item)
        yield from ("  " + line for line in lines)
