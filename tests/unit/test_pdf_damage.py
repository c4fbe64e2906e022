import contextlib
import io
from datetime import UTC, datetime

import pytest
from fpdf import FPDF
from hypothesis import given, settings
from hypothesis import strategies as st

from state.errors import KairosError
from tools.parse.document import Document
from tools.parse.parsers import parse
from tools.parse.pdf import parse_pdf
from tools.parse.pdf.attachments import attachments


def whole() -> bytes:
    pdf = FPDF()
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.set_font("Helvetica", size=11)
    for word in ("one", "two", "three"):
        pdf.add_page()
        pdf.cell(text=f"The keeper writes page {word} of the log.")
    return bytes(pdf.output())


WHOLE = whole()


def raw(*objects: str, root: int = 1) -> bytes:
    """A PDF of numbered objects, without a table of where they are."""
    body = "\n".join(f"{number} 0 obj\n{text}\nendobj" for number, text in enumerate(objects, start=1))
    return f"%PDF-1.7\n{body}\ntrailer\n<< /Root {root} 0 R >>\n%%EOF".encode()


async def test_the_list_of_objects_is_rebuilt_when_it_is_broken_or_cut_off() -> None:
    ends = (WHOLE.rindex(b"startxref"), WHOLE.rindex(b"trailer") + 30, WHOLE.rindex(b"endobj") + 6)
    for broken in (WHOLE.replace(b"startxref", b"startxxxx"), *(WHOLE[:end] for end in ends)):
        document = parse("log.pdf", broken)
        assert document.text.count("The keeper writes page") == 3


async def test_page_trees_and_outlines_that_go_in_circles_come_to_an_end() -> None:
    pages = "<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>"
    page = (
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>"
    )
    content = "<< /Length 44 >>\nstream\nBT /F 12 Tf 20 100 Td (The lamp is lit) Tj ET  \nendstream"
    font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    outline = "<< /First 7 0 R /Last 7 0 R >>"
    entry = "<< /Title (Round) /Parent 6 0 R /Next 7 0 R /First 7 0 R /Dest [3 0 R /Fit] >>"
    catalog = "<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>"
    data = raw(catalog, pages, page, content, font, outline, entry)
    document = parse_pdf("loop.pdf", data)
    assert set(document.text.split("\n\n")) <= {"The lamp is lit"}


def test_forms_inside_themselves_come_to_an_end() -> None:
    form = (
        "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 4 0 R >> >> /Length 6 >>\n"
        "stream\n/X Do \nendstream"
    )
    page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 5 0 R/Resources << /XObject << /X 4 0 R >> >> >>"
    content = "<< /Length 6 >>\nstream\n/X Do \nendstream"
    data = raw(
        "<< /Type /Catalog /Pages 2 0 R >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, form, content
    )
    assert parse_pdf("form.pdf", data).text == ""


def test_a_file_of_too_many_pages_is_refused() -> None:
    assert parse_pdf("log.pdf", WHOLE, pages=3).pages == 3
    with pytest.raises(KairosError) as failure:
        parse_pdf("log.pdf", WHOLE, pages=2)
    assert failure.value.code == "file_too_many_pages"


def test_a_font_without_a_mapping_to_letters_is_no_text() -> None:
    letters = "BT /F 12 Tf 20 100 Td <E001E002E003E004E005E006E007E008E009> Tj ET"
    cmap = (
        "1 begincodespacerange <0000> <FFFF> endcodespacerange 1 beginbfrange <E000> <E0FF> <E000> endbfrange"
    )
    data = raw(
        "<< /Type /Catalog /Pages 2 0 R >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>",
        f"<< /Length {len(letters)} >>\nstream\n{letters}\nendstream",
        "<< /Type /Font /Subtype /Type0 /BaseFont /Odd /Encoding /Identity-H "
        "/DescendantFonts [6 0 R] /ToUnicode 7 0 R >>",
        "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Odd /DW 500 /CIDSystemInfo "
        "<< /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>",
        f"<< /Length {len(cmap)} >>\nstream\n{cmap}\nendstream",
    )
    assert parse_pdf("a.pdf", data).text == ""
    assert parse_pdf("a.pdf", data.replace(b"<E000> endbf", b"<0041> endbf")).text == "BCDEFGHIJ"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.integers(8, len(WHOLE) - 1), st.integers(0, 255)), max_size=40))
def test_damaged_bytes_give_a_document_or_a_plain_error(changes: list[tuple[int, int]]) -> None:
    from pypdfium2 import PdfiumError

    data = bytearray(WHOLE)
    for place, byte in changes:
        data[place] = byte
    with contextlib.suppress(KairosError, PdfiumError):
        assert isinstance(parse_pdf("log.pdf", bytes(data)), Document)


def test_attached_files_are_given_by_name() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.embed_file(bytes=b"wind;north\n", basename="wind.csv")
    pdf.embed_file(bytes=b"\x00\x01", basename="tide table.bin")
    found = dict(attachments("log.pdf", bytes(pdf.output())))
    assert found == {"wind.csv": b"wind;north\n", "tide table.bin": b"\x00\x01"}
    assert list(attachments("log.pdf", WHOLE)) == []


def test_a_locked_file_says_so_for_its_attachments_too() -> None:
    pdf = FPDF()
    pdf.set_encryption("master", "open sesame")
    pdf.add_page()
    for read in (parse_pdf, lambda name, data: list(attachments(name, data))):
        with pytest.raises(KairosError) as failure:
            read("locked.pdf", io.BytesIO(bytes(pdf.output())).getvalue())
        assert failure.value.code == "file_encrypted"
