"""The parts of an OpenDocument file and the text of its paragraphs."""

import io
import zipfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.parse.xml.tree import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
DRAW = "{urn:oasis:names:tc:opendocument:xmlns:drawing:1.0}"
PRESENTATION = "{urn:oasis:names:tc:opendocument:xmlns:presentation:1.0}"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
SVG = "{urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0}"
_PARAGRAPHS = (f"{TEXT}p", f"{TEXT}h")
APART = frozenset((f"{OFFICE}annotation", f"{TEXT}note", f"{TEXT}tracked-changes", f"{TABLE}table"))
SHAPES = frozenset(f"{DRAW}{tag}" for tag in ("frame", "custom-shape", "g", "rect", "line", "ellipse", "a"))
_UNREAD = APART | SHAPES | {f"{TEXT}ruby-text", f"{SVG}title", f"{SVG}desc"}
_PRINTED = {f"{TEXT}tab": "\t", f"{TEXT}line-break": "\n", f"{TEXT}s": " "}
_MOST_BLANKS = 100


def read_parts(name: str, data: bytes) -> dict[str, "_Element"]:
    """The XML parts `content.xml`, `styles.xml` and `meta.xml`, as far as they are there.

    Raises KairosError file_encrypted; KeyError, zipfile or lxml errors for a damaged file.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        if "META-INF/manifest.xml" in parts and b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise KairosError("file_encrypted", f"{name} is protected by a password.")
        read = {part: read_xml(archive.read(part)) for part in ("styles.xml", "meta.xml") if part in parts}
        return read | {"content.xml": read_xml(archive.read("content.xml"))}


def plain_text(node: "_Element") -> str:
    """The text of one paragraph without notes, comments and what is anchored in it."""
    parts = [node.text or ""]
    for child in node:
        if child.tag not in _UNREAD:
            blanks = child.get(f"{TEXT}c", "1")
            times = min(int(blanks), _MOST_BLANKS) if blanks.isdecimal() else 1
            parts.append(_PRINTED.get(child.tag, "") * times or plain_text(child))
        parts.append(child.tail or "")
    return "".join(parts)


def cell_text(cell: "_Element") -> str:
    """All paragraphs of a cell or frame on one line, those in lists and frames inside it too; tables stand apart."""
    return " ".join(filter(None, (plain_text(node).strip() for node in paragraphs(cell))))


def paragraphs(parent: "_Element") -> Iterator["_Element"]:
    """The paragraphs below `parent` without those of comments and notes."""
    for child in parent:
        if child.tag in _PARAGRAPHS:
            yield child
        if child.tag not in APART:
            yield from paragraphs(child)
