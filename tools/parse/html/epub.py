"""E-books (EPUB) to blocks: the pages in the order of the book's spine."""

import io
import posixpath
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from tools.parse.assemble import assemble, title_of
from tools.parse.decode import decode
from tools.parse.document import Block, Document
from tools.parse.html import body_blocks
from tools.parse.media_types import EPUB
from tools.parse.xml.tree import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_PAGES = ("application/xhtml+xml", "text/html")


def parse_epub(name: str, data: bytes) -> Document:
    """The text of every page of the spine but the table of contents; title and author of the package."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        container = read_xml(archive.read("META-INF/container.xml"))
        path = next(container.iterfind(".//{*}rootfile")).get("full-path", "")
        package = read_xml(archive.read(path))
        blocks = list(_pages(archive, package, posixpath.dirname(path)))
    title, author = (package.findtext(f".//{{*}}metadata/{{*}}{tag}") or "" for tag in ("title", "creator"))
    return assemble(
        title or title_of(name, blocks), EPUB, blocks, metadata={"author": author} if author else {}
    )


def _pages(archive: zipfile.ZipFile, package: "_Element", folder: str) -> Iterator[Block]:
    items = {item.get("id", ""): item for item in package.iterfind(".//{*}manifest/{*}item")}
    present = frozenset(archive.namelist())
    for reference in package.iterfind(".//{*}spine/{*}itemref"):
        item = items.get(reference.get("idref", ""))
        if (
            item is None
            or item.get("media-type") not in _PAGES
            or "nav" in item.get("properties", "").split()
        ):
            continue
        path = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
        if path in present:
            yield from body_blocks(decode(archive.read(path)))
