"""Which kind of file `data` is, by what it holds; the name decides only between kinds of text."""

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePath

from state.errors import KairosError
from tools.parse.decode import decode, is_binary

PDF = "application/pdf"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
HTML = "text/html"
MARKDOWN = "text/markdown"
PLAIN = "text/plain"

_MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdown", ".mkd", ".mdx", ".qmd", ".rmd")
_HTML_SUFFIXES = (".html", ".htm", ".xhtml", ".shtml")
_HTML_START = re.compile(
    r"\s*+(?:<\?xml[^>]*>\s*|<!--.*?-->\s*)*+<(?:!doctype\s+html|html|head|body)\b", re.I | re.S
)
_TAG_START = re.compile(r"\s*<(?:div|p|h[1-6]|table|ul|ol|section|article|main|meta|title)\b", re.I)
_TAG = re.compile(r"</?[a-z][a-z0-9]*[\s/>]", re.I)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 8192  # bytes that show the kind of a text

_MOST_UNPACKED = 200 * 2**20  # bytes in a Word file, unpacked
_UNSUSPICIOUS = 20 * 2**20  # bytes that any Word file may unpack to
_MOST_RATIO = 200  # unpacked to packed, above that


def detect(name: str, data: bytes) -> str:
    """Media type of a file that can be read; raises for any other, with its kind where it is known."""
    if data.lstrip().startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and is_binary(data)):
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _zip(name, data)
    if data.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise KairosError("file_encrypted", f"{name} is protected by a password.")
        raise KairosError(
            "file_unsupported", f"{name} is an Office file of before 2007: save it as DOCX or PDF."
        )
    if is_binary(data):
        raise KairosError("file_unsupported", f"{name} cannot be read: it is {_kind(data)}, not a document.")
    return _text(name, decode(data[:_HEAD]))


def _text(name: str, head: str) -> str:
    suffix = PurePath(name).suffix.lower()
    if _HTML_START.match(head):
        return HTML
    if head.lstrip().startswith(("<?xml", "<svg")):
        raise KairosError("file_unsupported", f"{name} is XML, which cannot be read yet.")
    if head.startswith("{\\rtf"):
        raise KairosError("file_unsupported", f"{name} is RTF: save it as DOCX or PDF.")
    if suffix in _MARKDOWN_SUFFIXES:
        return MARKDOWN
    if _TAG_START.match(head) or (suffix in _HTML_SUFFIXES and _TAG.search(head)):
        return HTML
    return PLAIN


def _zip(name: str, data: bytes) -> str:
    """Word, after a look at the list of members; nothing is unpacked before its size is known."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = {member.filename: member for member in archive.infolist()}
            _check_word(name, members, len(data))
            relations = archive.read("_rels/.rels") if "_rels/.rels" in members else b""
    except KairosError:
        raise
    except Exception as error:  # zipfile raises many kinds for a damaged archive
        raise KairosError("file_corrupt", f"{name} is a damaged ZIP or Office file: {error}.") from error
    if b"purl.oclc.org/ooxml" in relations:
        raise KairosError("file_unsupported", f"{name} is Strict Open XML: save it as an ordinary DOCX.")
    return DOCX


def _check_word(name: str, members: Mapping[str, zipfile.ZipInfo], packed: int) -> None:
    if "word/document.xml" not in members:
        raise KairosError("file_unsupported", f"{name} is a ZIP or Office file without a Word text in it.")
    if any(member.flag_bits & 1 for member in members.values()):
        raise KairosError("file_encrypted", f"{name} is protected by a password.")
    unpacked = sum(member.file_size for member in members.values())
    if unpacked > _MOST_UNPACKED or unpacked > max(_UNSUSPICIOUS, _MOST_RATIO * packed):
        raise KairosError("file_too_large", f"{name} unpacks to {unpacked >> 20} MB, more than is read.")


def _kind(data: bytes) -> str:
    """What a binary file is, in words, as far as its first bytes tell."""
    import puremagic

    try:
        found = puremagic.from_string(data[:_HEAD], mime=True)
    except (puremagic.PureError, ValueError):
        found = ""
    return found or "binary data"
