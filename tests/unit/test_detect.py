import io
import json
import zipfile

import pytest

from state.errors import KairosError
from tests.fixtures.ole import ole
from tools.parse import media_types as types
from tools.parse.detect import detect

OFFICE = "application/vnd.openxmlformats-officedocument."


def package(content_type: str, *parts: str) -> bytes:
    """An Office file as far as detection looks."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", f'<Types><Override ContentType="{content_type}"/></Types>')
        for part in ("_rels/.rels", *parts):
            archive.writestr(part, "<x/>")
    return target.getvalue()


def declared(media_type: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", media_type)
        archive.writestr("content.xml", "<x/>")
    return target.getvalue()


def archive() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as files:
        files.writestr("notes.txt", "The lamp is lit.")
    return target.getvalue()


MESSAGE = b"From: ana@harbor.example\r\nTo: bo@x.example\r\nSubject: Oil\r\nDate: Wed, 1 Jan 2020 10:00:00 +0000\r\n\r\nHello.\r\n"

BY_CONTENT = [
    (types.PDF, b"%PDF-1.7\n"),
    (types.DOCX, package(OFFICE + "wordprocessingml.document.main+xml", "word/document.xml")),
    (types.DOCX, package("application/vnd.ms-word.document.macroEnabled.main+xml", "word/document.xml")),
    (types.PPTX, package(OFFICE + "presentationml.slideshow.main+xml", "ppt/presentation.xml")),
    (types.XLSX, package(OFFICE + "spreadsheetml.sheet.main+xml", "xl/workbook.xml")),
    (types.XLSX, package("application/vnd.ms-excel.sheet.macroEnabled.main+xml", "xl/workbook.xml")),
    (types.XLSB, package("application/vnd.ms-excel.sheet.binary.macroEnabled.main", "xl/workbook.bin")),
    (types.ODT, declared(types.ODT)),
    (types.ODS, declared(types.ODS)),
    (types.ODP, declared(types.ODP + "-template")),
    (types.EPUB, declared(types.EPUB)),
    (types.ZIP, archive()),
    (types.DOC, ole({"WordDocument": b"x"})),
    (types.XLS, ole({"Workbook": b"x"})),
    (types.PPT, ole({"PowerPoint Document": b"x"})),
    (types.MSG, ole({"__properties_version1.0": b"x"})),
    (types.HTML, b"<!-- saved --><!DOCTYPE html><p>The lamp"),
    (types.HTML, b"<div><p>The lamp</p></div>"),
    (types.XML, b"<?xml version='1.0'?><log><day>1</day></log>"),
    (types.XML, b"<log><day>1</day></log>\n"),
    (types.JSON, json.dumps({"lamp": [1, 2]}, indent=1).encode()),
    (types.JSONL, b'{"a": 1}\n{"a": 2}\n'),
    (types.LATEX, b"% a guide\n\\documentclass{article}\n\\begin{document}Lamp\\end{document}"),
    (types.EML, MESSAGE),
    (types.EML, b"From ana@harbor.example Wed Jan  1 10:00:00 2020\n" + MESSAGE),
    (
        types.MHTML,
        b"From: <Saved by Blink>\nSubject: Oil\nMIME-Version: 1.0\nContent-Type: multipart/related; boundary=x\n\n--x",
    ),
    (types.RTF, b"{\\rtf1 Lamp}"),
    (types.VTT, "\ufeffWEBVTT\n\n00:01.000 --> 00:02.000\nHello".encode()),
    (types.SRT, b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n"),
    (types.CSV, b"item;price\noil;3\nwick;1\nlens;9\n"),
    (types.TSV, b"item\tprice\noil\t3\nwick\t1\n"),
    (types.PNG, b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    (types.JPEG, b"\xff\xd8\xff\xe0\0\x10JFIF"),
    (types.TIFF, b"II*\0\x08\0\0\0"),
    (types.WEBP, b"RIFF\x24\0\0\0WEBPVP8 "),
    (types.GIF, b"GIF89a\1\0\1\0"),
    (types.BMP, b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0".ljust(0x46, b"\0")),
    (types.GZIP, b"\x1f\x8b\x08\0\0\0\0\0"),
    (types.TAR, b"a.txt".ljust(257, b"\0") + b"ustar\x0000".ljust(255, b"\0")),
    (types.PLAIN, b"Dear Ana,\n\nthe lamp is lit, the oil is low.\n"),
    (
        types.PLAIN,
        b"Remember: bring oil, wicks, and matches.\nAlso rope, hooks, and tar.\nThen rest, eat, and sleep.\n",
    ),
    (types.PLAIN, b"[draft] The lamp is lit.\n{sic}\n"),
]


@pytest.mark.parametrize(("media_type", "data"), BY_CONTENT)
@pytest.mark.parametrize("name", ["x", "x.bin", "x.exe"])
def test_the_content_tells_the_kind(media_type: str, data: bytes, name: str) -> None:
    assert detect(name, data) == media_type


@pytest.mark.parametrize(("media_type", "data"), BY_CONTENT)
@pytest.mark.parametrize("name", ["x.pdf", "x.docx", "x.zip", "x.eml"])
def test_a_wrong_ending_changes_nothing(media_type: str, data: bytes, name: str) -> None:
    assert detect(name, data) == media_type


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.md", types.MARKDOWN), ("a.MARKDOWN", types.MARKDOWN), ("a.rst", types.RESTRUCTURED), ("a.adoc", types.ASCIIDOC),
        ("a.tex", types.LATEX), ("a.csv", types.CSV), ("a.tsv", types.TSV), ("a.txt", types.PLAIN), ("README", types.PLAIN),
    ],
)  # fmt: skip
def test_the_ending_decides_between_kinds_of_text(name: str, media_type: str) -> None:
    assert detect(name, b"The lamp, mostly.\n") == media_type


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "latin-1"])
def test_other_encodings_are_text(encoding: str) -> None:
    assert detect("x", "Das Öl für die Lampe.".encode(encoding)) == types.PLAIN
    assert detect("x", "<html><p>Öl</html>".encode(encoding)) == types.HTML


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_text(encoding: str) -> None:
    assert (
        detect("x.txt", "The lamp is lit at dusk, for the night is long.\r\n".encode(encoding)) == types.PLAIN
    )


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\x7fELF\x02\x01\x01" + bytes(60), "ELF executable"),
        (b"\0\0\0\x20ftypisom" + bytes(60), "MPEG-4"),
        (bytes(range(32)) * 8, "binary data"),
    ],
)
def test_binary_files_are_named(data: bytes, says: str) -> None:
    with pytest.raises(KairosError) as failure:
        detect("notes.txt", data)
    assert failure.value.code == "file_unsupported"
    assert says in failure.value.sentence


def test_a_drawing_is_no_document() -> None:
    with pytest.raises(KairosError) as failure:
        detect("plan.odg", declared("application/vnd.oasis.opendocument.graphics"))
    assert failure.value.code == "file_unsupported"
