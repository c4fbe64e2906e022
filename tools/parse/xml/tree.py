"""XML to a tree, without what makes XML dangerous."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element


def read_xml(data: bytes) -> "_Element":
    """The root element. Nothing outside the file is opened; one whose entities explode is refused.

    Raises lxml.etree.XMLSyntaxError, for more than 256 levels too.
    """
    from lxml import etree

    parser = etree.XMLParser(
        resolve_entities="internal", no_network=True, load_dtd=False, huge_tree=False, remove_comments=True,
        remove_pis=True, recover=False,
    )  # fmt: skip
    root: _Element = etree.fromstring(data, parser)
    return root


def local(node: "_Element") -> str:
    """The tag without its namespace; empty for what is no element."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else ""


def inline(node: "_Element") -> str:
    """All text below `node` on one line; adjoining elements of structured content are parted by blanks."""
    if len(node) and not is_mixed(node):
        return " ".join(filter(None, (inline(child) for child in node)))
    return " ".join("".join(node.itertext()).split())


def is_mixed(node: "_Element") -> bool:
    """Whether text stands directly in `node`, alone or between elements."""
    return bool((node.text or "").strip()) or any((child.tail or "").strip() for child in node)
