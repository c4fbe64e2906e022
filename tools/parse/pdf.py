"""PDF (text layer) to blocks."""

import ctypes
import re
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from typing import TYPE_CHECKING

from state.errors import KairosError
from tools.parse.assemble import assemble, title_of
from tools.parse.detect import PDF
from tools.parse.document import Document
from tools.parse.pdf_layout import Line, blocks_of, without_running_heads

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfTextPage

# PDFium is not thread safe; held for a page at a time, so that a long file does not starve short ones.
_LOCK = threading.Lock()
_SECONDS = 60.0  # for one file; a thread cannot be ended from outside, so it looks at the clock itself
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_BOLD = re.compile(rb"bold|black|heavy|semibold", re.IGNORECASE)
_NO_TITLE = re.compile(r"untitled|microsoft word|powerpoint|.*\.\w{2,4}$", re.IGNORECASE)


def parse_pdf(name: str, data: bytes) -> Document:
    """The text layer with pages; headings, paragraphs and lists are told apart by type size and place."""
    deadline = time.monotonic() + _SECONDS
    with _LOCK:
        pdf = _open(name, data)
    try:
        with _LOCK:
            pages, metadata = len(pdf), pdf.get_metadata_dict(skip_empty=True)
        lines: list[Line] = []
        for page in range(pages):
            if time.monotonic() > deadline:
                raise KairosError("parse_timeout", f"{name} took longer than {_SECONDS:.0f} s to read.")
            with _LOCK:
                lines += _page_lines(pdf, page)
    finally:
        with _LOCK:
            pdf.close()
    blocks = list(blocks_of(without_running_heads(lines)))
    title = metadata.get("Title", "").strip()
    if not title or _NO_TITLE.match(title):
        title = title_of(name, blocks)
    kept = {"author": metadata["Author"]} if metadata.get("Author") else {}
    return assemble(title, PDF, blocks, pages, kept)


def _open(name: str, data: bytes) -> "PdfDocument":
    from pypdfium2 import PdfDocument, PdfiumError
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        return PdfDocument(data)
    except PdfiumError as error:
        if error.err_code == FPDF_ERR_PASSWORD:
            raise KairosError("file_encrypted", f"{name} is protected by a password.") from error
        raise


def _page_lines(pdf: "PdfDocument", index: int) -> list[Line]:
    """The lines of a page, in reading order of its content; none for a damaged page."""
    from pypdfium2 import PdfiumError

    try:
        with closing(pdf[index]) as page, closing(page.get_textpage()) as text_page:
            return list(_lines(text_page, index + 1))
    except PdfiumError:
        return []


def _lines(page: "PdfTextPage", number: int) -> Iterator[Line]:
    from pypdfium2.raw import FPDFText_GetCharIndexFromTextIndex

    position = 0
    for raw in page.get_text_range().split("\n"):
        text = raw.strip()
        if text:
            offset = position + raw.index(text)
            first = FPDFText_GetCharIndexFromTextIndex(page, offset)
            last = FPDFText_GetCharIndexFromTextIndex(page, offset + len(text) - 1)
            yield _line(page, text, number, max(first, 0), max(last, 0))
        position += len(raw) + 1


def _line(page: "PdfTextPage", text: str, number: int, first: int, last: int) -> Line:
    left, bottom, _, top = page.get_charbox(first, loose=True)
    _, _, right, _ = page.get_charbox(last, loose=True)
    return Line(
        text=text.translate(_LIGATURES),
        page=number,
        left=left,
        right=right,
        bottom=bottom,
        size=round(top - bottom, 1),
        bold=bool(_BOLD.search(_font_name(page, first))),
    )


def _font_name(page: "PdfTextPage", index: int) -> bytes:
    from pypdfium2.raw import FPDFText_GetFontInfo

    buffer = ctypes.create_string_buffer(128)
    FPDFText_GetFontInfo(page, index, buffer, len(buffer), None)
    return buffer.value
