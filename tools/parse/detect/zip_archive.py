"""Which kind of file a ZIP archive is: Office, OpenDocument, book, or an archive of files."""

import io
import re
import zipfile
from collections.abc import Mapping

from state.errors import KairosError
from tools.parse.media_types import DOCX, EPUB, ODP, ODS, ODT, PAGES, PPTX, XLSB, XLSX, ZIP

_CONTENT_TYPES = "[Content_Types].xml"
_MANIFEST = "META-INF/manifest.xml"
# The main part's content type, that of the drafts, templates, shows and files with macros too.
_OFFICE = (
    (re.compile(rb"(?:wordprocessingml|ms-word)\.[\w.]+\.main\+xml", re.I), "word/", DOCX),
    (re.compile(rb"(?:presentationml|ms-powerpoint)\.[\w.]+\.main\+xml", re.I), "ppt/", PPTX),
    (re.compile(rb"ms-excel\.sheet\.binary\.macroEnabled\.main", re.I), "xl/workbook.bin", XLSB),
    (re.compile(rb"(?:spreadsheetml|ms-excel)\.[\w.]+\.main\+xml", re.I), "xl/", XLSX),
)
_MIMETYPES = {media_type: media_type for media_type in (ODT, ODS, ODP, EPUB)}
_PAGES = ("Index/Document.iwa", "Index.zip", "index.xml", "index.apxl", "index.xml.gz")
_KNOWN_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)

_OTHER = "a drawing, a package, …"

_MOST_PARTS = 100_000
_MOST_DECLARATION = 2**20  # bytes read of a part that says what the archive is
_MOST_UNPACKED = 200 * 2**20  # bytes in a document, unpacked
_UNSUSPICIOUS = 20 * 2**20  # bytes that any document may unpack to
_MOST_RATIO = 200  # unpacked to packed, above that

Parts = Mapping[str, zipfile.ZipInfo]


def detect_zip(name: str, data: bytes) -> str:
    """Media type after a look at the list of parts; a document is not unpacked before its size is known."""
    if data.count(b"PK\x01\x02") > _MOST_PARTS:
        raise KairosError("file_too_large", f"{name} is an archive of more than {_MOST_PARTS} files.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = {part.filename: part for part in archive.infolist()}
            found = _office(archive, parts) or _declared(archive, parts) or _pages(parts)
            found = found or (_OTHER if _CONTENT_TYPES in parts or "mimetype" in parts else ZIP)
            secret = _encrypted(archive, parts, found)
    except Exception as error:  # zipfile raises many kinds for a damaged archive
        raise KairosError("file_corrupt", f"{name} is a damaged ZIP or Office file: {error}.") from error
    if secret:
        raise KairosError("file_encrypted", f"{name} is protected by a password.")
    if found == _OTHER:
        raise KairosError("file_unsupported", f"{name} is an Office file of a kind that cannot be read.")
    if found != ZIP:
        _check_size(name, parts, len(data))
    return found


def _office(archive: zipfile.ZipFile, parts: Parts) -> str:
    declaration = _read(archive, _CONTENT_TYPES) if _CONTENT_TYPES in parts else b""
    for content_type, _, media_type in _OFFICE:
        if content_type.search(declaration):
            return media_type
    # Without a usable declaration the usual folders tell.
    for _, folder, media_type in _OFFICE:
        if "_rels/.rels" in parts and any(part.startswith(folder) for part in parts):
            return media_type
    return ""


def _declared(archive: zipfile.ZipFile, parts: Parts) -> str:
    """The type that an OpenDocument file or a book names in its first part or its manifest."""
    declared = _read(archive, "mimetype").strip().decode("ascii", "replace") if "mimetype" in parts else ""
    if not declared and _MANIFEST in parts:
        match = re.search(rb'full-path="/"[^>]*media-type="([^"]+)"', _read(archive, _MANIFEST))
        declared = match[1].decode("ascii", "replace") if match else ""
    if not declared and "META-INF/container.xml" in parts:
        return EPUB
    return _MIMETYPES.get(declared.removesuffix("-template"), "")


def _pages(parts: Parts) -> str:
    apple = "buildVersionHistory.plist" in parts or "Metadata/Properties.plist" in parts
    return PAGES if apple and any(part in parts for part in _PAGES) else ""


def _encrypted(archive: zipfile.ZipFile, parts: Parts, found: str) -> bool:
    """Whether a document is encrypted, or every file of an archive is."""
    flags = [bool(part.flag_bits & 1) for part in parts.values() if not part.is_dir()]
    if found == ZIP:
        return bool(flags) and all(flags)
    if any(flags) or (found == PAGES and ".iwph" in parts):
        return True
    if found == PAGES:
        return any(part.compress_type not in _KNOWN_METHODS for part in parts.values())
    if found == EPUB and "META-INF/encryption.xml" in parts:
        return b"xmlenc#aes" in _read(archive, "META-INF/encryption.xml")
    return _MANIFEST in parts and b"encryption-data" in _read(archive, _MANIFEST)


def _read(archive: zipfile.ZipFile, part: str) -> bytes:
    """The beginning of a part; nothing where it is encrypted."""
    if archive.getinfo(part).flag_bits & 1:
        return b""
    with archive.open(part) as stream:
        return stream.read(_MOST_DECLARATION)


def _check_size(name: str, parts: Parts, packed: int) -> None:
    unpacked = sum(part.file_size for part in parts.values())
    if unpacked > _MOST_UNPACKED or unpacked > max(_UNSUSPICIOUS, _MOST_RATIO * packed):
        raise KairosError("file_too_large", f"{name} unpacks to {unpacked >> 20} MB, more than is read.")
