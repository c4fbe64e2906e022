import io
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from state.errors import KairosError
from tools.parse import ocr
from tools.parse.document import Document
from tools.parse.ocr.picture import parse_picture
from tools.parse.ocr.tesseract import read_with_tesseract
from tools.parse.pdf import parse_pdf

SAID = [
    "Keepers trim the wick at dusk",
    "and ring the bell when fog rolls in",
    "from the northern sea at night",
]

pytestmark = pytest.mark.skipif(not ocr.is_there(), reason="no OCR engine")


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ocr, "find_spec", lambda _name: None)
    monkeypatch.setenv("PATH", "")


def picture(lines: list[str] = SAID, size: tuple[int, int] = (1000, 400)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for index, line in enumerate(lines):
        draw.text((60, 60 + 70 * index), line, "black", ImageFont.load_default(40))
    return image


def saved(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def words(document: Document) -> str:
    return " ".join(document.text.split())


def scan(*texts: str) -> bytes:
    """A page for each text, and one that is a picture."""
    pdf = FPDF()
    pdf.set_font("Helvetica", size=11)
    for text in texts:
        pdf.add_page()
        pdf.cell(text=text)
    pdf.add_page()
    pdf.image(picture(), x=0, y=20, w=210)
    return bytes(pdf.output())


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "BMP", "GIF"])
def test_a_picture_says_what_is_written_in_it(kind: str) -> None:
    document = parse_picture("wick.png", saved(picture(), kind))
    assert words(document) == " ".join(SAID)
    assert [element.kind for element in document.elements] == ["image"]
    assert document.media_type == f"image/{kind.lower()}"


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_picture_is_read_upright(degrees: int) -> None:
    assert words(parse_picture("a.png", saved(picture().rotate(degrees, expand=True)))) == " ".join(SAID)


def test_a_photo_that_says_how_it_was_held_is_read_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(picture().rotate(90, expand=True), "JPEG", exif=exif.tobytes())
    assert words(parse_picture("a.jpg", data)) == " ".join(SAID)


def test_pages_of_a_tiff_and_text_on_transparent_ground() -> None:
    data = saved(picture(SAID[:1]), "TIFF", save_all=True, append_images=[picture(SAID[1:2])])
    assert words(parse_picture("a.tif", data)) == " ".join(SAID[:2])
    assert parse_picture("a.tif", data).pages == 2
    with pytest.raises(KairosError) as failure:
        parse_picture("a.tif", data, pages=1)
    assert failure.value.code == "file_too_many_pages"
    clear = picture().convert("L").point(lambda light: 255 - light)
    ink = Image.new("RGBA", clear.size, "black")
    ink.putalpha(clear)
    assert words(parse_picture("a.png", saved(ink))) == " ".join(SAID)


def test_pictures_that_are_too_large_or_damaged() -> None:
    wide = saved(Image.new("1", (10_000, 9_000)))
    bomb = saved(Image.new("1", (20_000, 20_000)))
    for data, code in (
        (wide, "image_too_large"),
        (bomb, "image_too_large"),
        (saved(picture())[:60], "file_corrupt"),
    ):
        with pytest.raises(KairosError) as failure:
            parse_picture("a.png", data)
        assert failure.value.code == code


def test_a_scanned_page_is_read_among_pages_of_text() -> None:
    document = parse_pdf("log.pdf", scan("The log of the northern light."))
    assert document.text.startswith("The log of the northern light.\n\n")
    assert words(document).endswith(" ".join(SAID))
    assert document.elements[-1].page == 2
    assert "pages_without_text" not in document.metadata


def test_a_stamp_on_a_scanned_page_is_not_read_twice() -> None:
    pdf = FPDF()
    pdf.add_page()
    pdf.image(picture(size=(1000, 1400)), x=0, y=0, w=210)
    pdf.set_font("Helvetica", size=16)
    pdf.text(20, 200, "Received in spring")
    text = words(parse_pdf("a.pdf", bytes(pdf.output())))
    assert text == " ".join([*SAID, "Received in spring"])


def test_out_of_time_or_without_an_engine_text_is_kept_and_the_rest_is_named(no_engine: None) -> None:
    document = parse_pdf("log.pdf", scan("The log of the northern light.", "It is kept by hand."))
    assert document.text == "The log of the northern light.\n\nIt is kept by hand."
    assert document.metadata["pages_without_text"] == "3"
    for read, data in ((parse_pdf, scan()), (parse_picture, saved(picture()))):
        with pytest.raises(KairosError) as failure:
            read("a file", data)
        assert failure.value.code == "ocr_missing"


def test_no_page_is_begun_after_the_time_for_ocr() -> None:
    document = parse_pdf("log.pdf", scan("The log of the northern light."), ocr_seconds=0)
    assert document.metadata["pages_without_text"] == "2"


def test_tesseract_is_asked_for_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "tesseract"
    rows = [
        "level page_num block_num par_num line_num word_num left top width height conf text".split(),
        "5 1 1 1 1 1 60 60 100 40 96 Keepers".split(),
        "5 1 1 1 1 2 170 62 60 40 91 trim".split(),
        "5 1 1 1 2 1 60 130 60 40 12 smudge".split(),
        "5 1 1 1 2 2 130 130 60 40 88 wicks".split(),
    ]
    table = "\n".join("\t".join(row) for row in rows)
    program.write_text(f"#!/bin/sh\ncat > /dev/null\ncat <<'END'\n{table}\nEND\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    reading = read_with_tesseract(picture())
    assert [(line.text, line.left, line.top, line.right, line.bottom) for line in reading.lines] == [
        ("Keepers trim", 60, 60, 230, 102),
        ("wicks", 130, 130, 190, 170),
    ]
    program.write_text("#!/bin/sh\ncat > /dev/null\necho no language data >&2\nexit 1\n")
    with pytest.raises(KairosError) as failure:
        read_with_tesseract(picture())
    assert failure.value.code == "ocr_failed"
    assert "no language data" in failure.value.sentence
