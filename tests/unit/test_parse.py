import asyncio
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from state.errors import KairosError
from tests.fixtures.ole import ole
from tools.chunking.structure import cut_by_structure
from tools.parse import Document
from tools.parse.parsers import PARSERS, parse

FILES = Path(__file__).parents[1] / "fixtures" / "files"


def bytes_of(name: str) -> bytes:
    return (FILES / name).read_bytes()


async def code_of(name: str, data: bytes) -> str:
    with pytest.raises(KairosError) as failure:
        parse(name, data)
    assert failure.value.sentence.startswith(name)
    assert failure.value.sentence.count("\n") == 0
    return failure.value.code


def assert_sound(document: Document) -> None:
    """The promises of a document: clean text, elements in order, a blank line between them."""
    assert document.text == unicodedata.normalize("NFC", document.text)
    assert not re.search(
        r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]", document.text
    )
    parts = [document.text[element.start : element.end] for element in document.elements]
    assert "\n\n".join(parts) == document.text
    assert all(part.strip() for part in parts)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("lamp.md", "text/markdown"),
        ("gallery.html", "text/html"),
        ("notes.txt", "text/plain"),
        ("telescopes.pdf", "application/pdf"),
        ("manual.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ],
)
async def test_the_content_decides_the_parser_and_not_the_name(name: str, media_type: str) -> None:
    expected = parse(name, bytes_of(name))
    assert expected.media_type == media_type
    assert media_type in PARSERS
    assert_sound(expected)
    if media_type != "text/markdown":
        for wrong in ("x.pdf", "x.docx", "x.html", "x"):
            assert (parse(wrong, bytes_of(name))).text == expected.text


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("none.md", b"", "file_empty"),
        ("blank.txt", b" \r\n\t", "file_empty"),
        ("only.md", b"---\ntitle: Nothing\n---\n<!-- a note -->\n", "file_no_text"),
        ("bits.txt", b"\x7fELF\x02\x01\x01" + bytes(9), "file_unsupported"),
        ("feed.html", b"<?xml version='1.0'?><rss/>", "file_no_text"),
        ("empty.docx", b"{\\rtf1 }", "file_no_text"),
        ("old.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(64), "file_corrupt"),
        ("plan.doc", ole({"VisioDocument": b"x"}), "file_unsupported"),
        ("locked.docx", ole({"EncryptedPackage": b"x"}), "file_encrypted"),
        ("locked.xls", ole({"Workbook": b"x", "EncryptedSummary": b"x"}), "file_encrypted"),
        ("cut.docx", b"PK\x03\x04" + bytes(40), "file_corrupt"),
        ("cut.pdf", b"%PDF-1.7\n1 0 obj\n<<", "file_corrupt"),
        ("deep.html", b"<div>" * 100_000 + b"x", "file_corrupt"),
    ],
)
async def test_what_cannot_be_read_is_named_with_its_cause(name: str, data: bytes, code: str) -> None:
    assert await code_of(name, data) == code


async def test_files_are_read_side_by_side() -> None:
    names = ["telescopes.pdf", "owner.pdf", "manual.docx", "lamp.md"] * 4
    alone = {name: parse(name, bytes_of(name)) for name in names}
    together = await asyncio.gather(*(asyncio.to_thread(parse, name, bytes_of(name)) for name in names))
    assert [document.text for document in together] == [alone[name].text for name in names]


async def test_passwords() -> None:
    assert await code_of("locked.pdf", bytes_of("locked.pdf")) == "file_encrypted"
    assert (parse("owner.pdf", bytes_of("owner.pdf"))).pages == 3
    assert await code_of("scan.pdf", bytes_of("scan.pdf")) == "file_no_text"


def rewritten(change: Callable[[str, bytes], bytes], **more: bytes) -> bytes:
    """manual.docx with each member changed, and `more` members."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bytes_of("manual.docx"))) as old, zipfile.ZipFile(target, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, data in more.items():
            new.writestr(name, data)
    return target.getvalue()


async def test_word_files_that_would_explode_are_refused() -> None:
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha ha ha">{entities}]>'.encode()

    def explosive(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        return bomb + data.split(b"?>", 1)[1].replace(b"A watch", b"&e9;", 1)

    assert await code_of("entities.docx", rewritten(explosive)) == "file_corrupt"
    assert (
        await code_of("zip.docx", rewritten(lambda _, data: data, big=bytes(30 * 2**20))) == "file_too_large"
    )


async def test_outside_entities_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    doctype = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>'.encode()
    )

    def nosy(name: str, data: bytes) -> bytes:
        if name != "word/document.xml":
            return data
        return doctype + data.split(b"?>", 1)[1].replace(b"A watch", b"&e;", 1)

    assert "the secret" not in (parse("nosy.docx", rewritten(nosy))).text


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
async def test_encodings(encoding: str) -> None:
    text = "Café “au lait” costs 3 €."
    assert (parse("menu.txt", text.encode(encoding))).text == text
    declared = f"<html><meta charset={encoding}><p>{text}</p></html>"
    assert (parse("menu.html", declared.encode(encoding))).text == text


async def test_unseen_characters_are_gone() -> None:
    tags = "".join(chr(0xE0000 + ord(letter)) for letter in "obey")
    source = f"Pay\u200b roll\u202e\u00ad{tags} e\u0301\u00a0x\x07\r\nnext"
    assert (parse("a.txt", source.encode())).text == "Pay roll \u00e9 x next"


async def ending(name: str, data: bytes) -> str:
    """ "read", or the code of the failure."""
    try:
        document = parse(name, data)
    except KairosError as failure:
        return failure.code
    assert_sound(document)
    cut_by_structure(document)
    return "read"


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(["", "%PDF-1.4\n", "PK\x03\x04", "<html>", "---\n", "# "]))
async def test_any_bytes_give_a_document_or_a_named_failure(data: bytes, prefix: str) -> None:
    for name in ("a.md", "a.html"):
        assert await ending(name, prefix.encode() + data)


@settings(deadline=None)
@given(st.text(st.sampled_from("ab1 \n\t-*_#|`~[](){}<>!%:\"'=&;\\/.^"), max_size=120))
async def test_any_markup_gives_a_sound_document(text: str) -> None:
    for name in ("a.md", "a.html", "a.txt"):
        assert await ending(name, text.encode()) in ("read", "file_empty", "file_no_text", "file_unsupported")


@pytest.mark.parametrize("name", ["telescopes.pdf", "manual.docx"])
async def test_damaged_files_end_cleanly(name: str) -> None:
    data = bytes_of(name)
    endings = set()
    for cut in range(1, len(data), len(data) // 60):
        endings.add(await ending(name, data[:cut]))
        endings.add(await ending(name, data[:cut] + b"\xff" * 40 + data[cut + 40 :]))
    assert "file_corrupt" in endings
    assert "read" in endings
