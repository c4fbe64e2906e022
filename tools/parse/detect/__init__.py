"""Which kind of file `data` is, by what it holds; the name decides only between kinds of plain text."""

from state.errors import KairosError
from tools.parse.decode import is_binary
from tools.parse.detect.office import detect_office
from tools.parse.detect.text import detect_text
from tools.parse.detect.zip_archive import detect_zip
from tools.parse.media_types import (
    ASCIIDOC,
    BMP,
    CSV,
    DOC,
    DOCX,
    EML,
    EPUB,
    GIF,
    GZIP,
    HTML,
    JPEG,
    JSON,
    JSONL,
    LATEX,
    MARKDOWN,
    MHTML,
    MSG,
    ODP,
    ODS,
    ODT,
    PAGES,
    PDF,
    PLAIN,
    PNG,
    PPT,
    PPTX,
    RESTRUCTURED,
    RTF,
    SRT,
    TAR,
    TIFF,
    TSV,
    VTT,
    WEBP,
    XLS,
    XLSB,
    XLSX,
    XML,
    ZIP,
)

__all__ = [
    "ASCIIDOC", "BMP", "CSV", "DOC", "DOCX", "EML", "EPUB", "GIF", "GZIP", "HTML", "JPEG", "JSON", "JSONL", "LATEX",
    "MARKDOWN", "MHTML", "MSG", "ODP", "ODS", "ODT", "PAGES", "PDF", "PLAIN", "PNG", "PPT", "PPTX", "RESTRUCTURED",
    "RTF", "SRT", "TAR", "TIFF", "TSV", "VTT", "WEBP", "XLS", "XLSB", "XLSX", "XML", "ZIP", "detect",
]  # fmt: skip

_STARTS = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\x1f\x8b\x08", GZIP),
    (b"{\\rtf", RTF),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 8192  # bytes that show the kind of a binary file


def detect(name: str, data: bytes) -> str:
    """Media type of a file that can be read or unpacked.

    Raises KairosError: file_empty, file_encrypted, file_corrupt, file_too_large or file_unsupported (any other kind).
    """
    if not data.strip():
        raise KairosError("file_empty", f"{name} is empty.")
    if data.lstrip().startswith(b"%PDF-") or (b"%PDF-" in data[:1024] and is_binary(data)):
        return PDF
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return detect_zip(name, data)
    if data.startswith(_OLE):
        return detect_office(name, data)
    if found := _by_start(data):
        return found
    if is_binary(data):
        raise KairosError(
            "file_unsupported", f"{name} cannot be read: it looks like {_kind(data)}, not a document."
        )
    return detect_text(name, data)


def _by_start(data: bytes) -> str:
    for start, media_type in _STARTS:
        if data.startswith(start):
            return media_type
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return WEBP
    if (
        data.startswith(b"BM")
        and int.from_bytes(data[2:6], "little") in (len(data), 0)
        and b"\0" in data[:54]
    ):
        return BMP
    return TAR if data[257:262] == b"ustar" else ""


def _kind(data: bytes) -> str:
    """What a binary file is, in words, as far as its first bytes tell."""
    import puremagic

    try:
        found = puremagic.magic_string(data[:_HEAD])
    except (puremagic.PureError, ValueError):
        return "binary data"
    return (found[0].name or found[0].mime_type) if found else "binary data"
