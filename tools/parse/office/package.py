"""The parts of an Office Open XML file, ordinary or Strict."""

import io
import posixpath
import re
import zipfile
from typing import TYPE_CHECKING

from tools.parse.xml.tree import read_xml

if TYPE_CHECKING:
    from lxml.etree import _Element

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(\w+)/(\w+)")
_STRICT_MARK = b"purl.oclc.org/ooxml"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def ordinary(data: bytes) -> bytes:
    """`data`, with the names of Strict Open XML replaced by those that all readers know."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if "_rels/.rels" not in archive.namelist() or _STRICT_MARK not in archive.read("_rels/.rels"):
            return data
        target = io.BytesIO()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for part in archive.namelist():
                copy.writestr(part, _renamed(part, archive.read(part)))
    return target.getvalue()


def _renamed(part: str, content: bytes) -> bytes:
    if not part.endswith((".xml", ".rels")):
        return content
    return _STRICT.sub(rb"http://schemas.openxmlformats.org/\1/2006/\2", content)


def related(archive: zipfile.ZipFile, part: str) -> dict[str, tuple[str, str]]:
    """The id of each relation of `part` to its kind, such as "worksheet", and the part it leads to."""
    folder, file = posixpath.split(part)
    relations = posixpath.join(folder, "_rels", f"{file}.rels")
    if relations not in archive.namelist():
        return {}
    return {
        node.get("Id", ""): (
            node.get("Type", "").rpartition("/")[2],
            posixpath.normpath(posixpath.join("/", folder, node.get("Target", ""))).lstrip("/"),
        )
        for node in read_xml(archive.read(relations)).iterfind("{*}Relationship")
        if node.get("TargetMode") != "External"
    }


def relation_id(node: "_Element") -> str:
    """The relation that an element names."""
    return str(node.get(_RELATION_ID, ""))
