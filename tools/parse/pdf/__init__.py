"""PDF to blocks: the text layer of its pages, and by OCR what is only pictures."""

import re
import threading
import time
from collections import deque
from contextlib import closing
from typing import TYPE_CHECKING, NamedTuple

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.document import Document
from tools.parse.media_types import PDF
from tools.parse.ocr import Reading, is_there, read_picture
from tools.parse.pdf.headings import outline_of, style_of
from tools.parse.pdf.layout import blocks_of
from tools.parse.pdf.lines import Line
from tools.parse.pdf.page import Part, parts_of
from tools.parse.pdf.rules import drawn_on
from tools.parse.pdf.running_heads import without_running_heads
from tools.parse.pdf.scan import is_garbage, layer_of, needs_ocr, rendered, united
from tools.parse.pdf.words import layers_of, turn_of

if TYPE_CHECKING:
    from PIL.Image import Image
    from pypdfium2 import PdfDocument

# PDFium is not thread safe; held for a page at a time, so that a long file does not starve short ones.
LOCK = threading.Lock()
_NO_TITLE = re.compile(r"untitled|microsoft word|powerpoint|.*\.\w{2,4}$", re.IGNORECASE)
_CATALOG = re.compile(rb"\b(\d{1,9}) (\d{1,5}) obj\b(?:(?!endobj)[^\x00]){0,500}?/Type\s*/Catalog\b")
_DATE = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)(\d\d)?)?")


class _Page(NamedTuple):
    """What was read of a page, its height in points, and whether it has only pictures that were not read."""

    parts: list[Part]
    height: float
    unread: bool


def parse_pdf(name: str, data: bytes, pages: int = 5000, ocr_seconds: float = 45.0) -> Document:
    """The text of a PDF with pages; headings, lists, tables and captions are told apart by type size and place.

    Pages that are pictures are read by OCR, none begun after `ocr_seconds`; those left over, as all of them where no
    engine is installed, are named in metadata["pages_without_text"]. Raises KairosError: file_encrypted,
    file_too_many_pages (more than `pages`) or ocr_missing (nothing but pictures, and no engine).
    """
    ocr_until = time.monotonic() + ocr_seconds
    with LOCK:
        pdf = open_pdf(name, data)
    try:
        with LOCK:
            count, facts = len(pdf), pdf.get_metadata_dict(skip_empty=True)
            outline = _outline(pdf)
        if count > pages:
            raise KairosError("file_too_many_pages", f"{name} has {count} pages; at most {pages} are read.")
        read = [_page(pdf, index, ocr_until) for index in range(count)]
    finally:
        with LOCK:
            pdf.close()
    unread = [number for number, page in enumerate(read, start=1) if page.unread]
    style = style_of([part for page in read for part in page.parts if isinstance(part, Line)])
    parts = without_running_heads([page.parts for page in read], [page.height for page in read], style.body)
    if unread and not parts and not is_there():
        raise KairosError(
            "ocr_missing", f"{name} has only pictures of text, and no OCR is installed to read them."
        )
    blocks = list(blocks_of(parts, style, outline))
    title = facts.get("Title", "").strip()
    if not title or _NO_TITLE.match(title):
        title = title_of(name, blocks)
    return assemble(title, PDF, blocks, count, _metadata(facts, unread))


def open_pdf(name: str, data: bytes) -> "PdfDocument":
    """The open PDF, to be closed by the caller, who holds LOCK. Raises KairosError: file_encrypted."""
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise KairosError("file_encrypted", f"{name} is protected by a password.") from error
        mended = _with_trailer(data)
        if not mended:
            raise
        return PdfDocument(mended)


def _with_trailer(data: bytes) -> bytes:
    """A file that was cut off, with an end that says where its pages are; empty if nothing shows that."""
    newest = deque(_CATALOG.finditer(data), maxlen=1)
    end = data.rfind(b"endobj")
    if not newest or end < newest[0].start():
        return b""
    return data[:end] + b"endobj\ntrailer\n<< /Root %b %b R >>\n%%%%EOF" % newest[0].groups()


def _outline(pdf: "PdfDocument") -> dict[tuple[int, str], int]:
    from pypdfium2 import PdfiumError

    try:
        return outline_of(pdf)
    except (PdfiumError, ValueError):  # a damaged outline costs headings, not the text
        return {}


def _page(pdf: "PdfDocument", index: int, ocr_until: float) -> _Page:
    """The parts of a page; none for a damaged one."""
    from pypdfium2 import PdfiumError

    try:
        with LOCK, closing(pdf[index]) as page, closing(page.get_textpage()) as text:
            layers = layers_of(page, text)
            if is_garbage(layers):
                layers = []
            turn = turn_of(page, layers[0].turned if layers else 0)
            drawn = drawn_on(page, turn)
            scan = needs_ocr(layers, drawn)
            picture = rendered(page) if scan and is_there() and time.monotonic() < ocr_until else None
            width = page.get_width()
    except PdfiumError:
        return _Page([], 0.0, False)
    reading = _read(picture) if picture else None
    if reading:
        layers = united(layers, layer_of(reading, width))
    return _Page(parts_of(layers, drawn, index + 1), turn.height, scan and not reading)


def _read(picture: "Image") -> Reading | None:
    """The text in a picture; None where the engine fails, which costs the page and not the file."""
    try:
        return read_picture(picture)
    except KairosError:
        return None


def _metadata(facts: dict[str, str], unread: list[int]) -> dict[str, str]:
    """Author, dates (ISO 8601, local time), and the pages that are only pictures and were not read."""
    found = {"author": facts.get("Author", "").strip()}
    for key, name in (("CreationDate", "created"), ("ModDate", "modified")):
        date = _DATE.match(facts.get(key, ""))
        if date:
            day = "-".join(filter(None, date.groups()[:3]))
            time = ":".join(filter(None, date.groups()[3:]))
            found[name] = f"{day}T{time}" if time else day
    found["pages_without_text"] = ", ".join(map(str, unread))
    return {key: value for key, value in found.items() if value}
