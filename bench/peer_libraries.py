# mypy: disable-error-code="import-not-found,import-untyped"
"""A library that reads one format, asked file by file, in the interpreter of bench/peers.txt:

    -m bench.peer_libraries NAME

The plain text that it gives in its documented way, cells and paragraphs apart by blanks or line ends.
"""

import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

from bench.answering import answer_lines, read_answer

Read = Callable[[str], str]


def pypdfium2() -> Read:
    import pypdfium2

    def read(path: str) -> str:
        with pypdfium2.PdfDocument(path) as document:
            return "\n".join(page.get_textpage().get_text_range() for page in document)

    return read


def pypdf() -> Read:
    from pypdf import PdfReader

    return lambda path: "\n".join(page.extract_text() for page in PdfReader(path).pages)


def pdfminer() -> Read:
    from pdfminer.high_level import extract_text

    return lambda path: str(extract_text(path))


def pdfplumber() -> Read:
    import pdfplumber

    def read(path: str) -> str:
        with pdfplumber.open(path) as document:
            return "\n".join(page.extract_text() or "" for page in document.pages)

    return read


def python_docx() -> Read:
    from docx import Document
    from docx.table import Table

    def cells(block: Any) -> Iterable[str]:
        if not isinstance(block, Table):
            return [block.text]
        return (
            part
            for row in block.rows
            for cell in row.cells
            for at in cell.iter_inner_content()
            for part in cells(at)
        )

    return lambda path: "\n".join(
        text for block in Document(path).iter_inner_content() for text in cells(block)
    )


def mammoth() -> Read:
    import mammoth

    def read(path: str) -> str:
        with open(path, "rb") as file:
            return str(mammoth.extract_raw_text(file).value)

    return read


def docx2txt() -> Read:
    import docx2txt

    return lambda path: str(docx2txt.process(path))


def docx2python() -> Read:
    from docx2python import docx2python as convert

    def read(path: str) -> str:
        with convert(path) as content:
            return str(content.text)

    return read


def openpyxl() -> Read:
    from openpyxl import load_workbook

    def read(path: str) -> str:
        book = load_workbook(path, read_only=True, data_only=True)
        rows = (row for sheet in book.worksheets for row in sheet.iter_rows(values_only=True))
        return "\n".join(_row(row) for row in rows)

    return read


def calamine() -> Read:
    from python_calamine import CalamineWorkbook

    def read(path: str) -> str:
        book = CalamineWorkbook.from_path(path)
        return "\n".join(
            _row(row) for name in book.sheet_names for row in book.get_sheet_by_name(name).to_python()
        )

    return read


def xlrd() -> Read:
    import xlrd

    def read(path: str) -> str:
        book = xlrd.open_workbook(path)
        return "\n".join(_row(sheet.row_values(n)) for sheet in book.sheets() for n in range(sheet.nrows))

    return read


def python_pptx() -> Read:
    from pptx import Presentation

    def texts(shapes: Any) -> Iterable[str]:
        for shape in shapes:
            if shape.has_text_frame:
                yield shape.text_frame.text
            elif getattr(shape, "has_table", False):
                yield from (cell.text for row in shape.table.rows for cell in row.cells)
            elif hasattr(shape, "shapes"):
                yield from texts(shape.shapes)

    return lambda path: "\n".join(text for slide in Presentation(path).slides for text in texts(slide.shapes))


def selectolax() -> Read:
    from selectolax.lexbor import LexborHTMLParser

    def read(path: str) -> str:
        tree = LexborHTMLParser(Path(path).read_bytes())
        for node in tree.css("script, style, noscript"):
            node.decompose()
        return str(tree.root.text(separator=" ")) if tree.root else ""

    return read


def beautifulsoup(parser: str) -> Read:
    from bs4 import BeautifulSoup

    def read(path: str) -> str:
        soup = BeautifulSoup(Path(path).read_bytes(), parser)
        for node in soup(["script", "style", "noscript"]):
            node.decompose()
        return str(soup.get_text(" "))

    return read


def trafilatura() -> Read:
    import trafilatura

    return lambda path: str(trafilatura.extract(Path(path).read_bytes(), include_comments=True) or "")


def markdown_it() -> Read:
    from markdown_it import MarkdownIt

    parser = MarkdownIt("gfm-like", {"linkify": False})
    return lambda path: "\n".join(
        token.content
        for token in parser.parse(_text(path))
        if token.type in ("inline", "fence", "code_block")
    )


def mistune() -> Read:
    import mistune

    parse = mistune.create_markdown(renderer="ast", plugins=["table", "strikethrough"])

    def texts(node: Any) -> Iterable[str]:
        if isinstance(node, list):
            for part in node:
                yield from texts(part)
        elif "children" in node:
            yield "".join(texts(node["children"])) + "\n" * node["type"].startswith(
                ("para", "head", "table", "block")
            )
        else:
            yield node.get("raw") or " "

    return lambda path: "".join(texts(parse(_text(path))))


def stdlib_email() -> Read:
    from email import policy
    from email.parser import BytesParser

    def read(path: str) -> str:
        mail = BytesParser(policy=policy.default).parsebytes(Path(path).read_bytes())
        body = mail.get_body(("plain", "html"))
        return f"{mail['subject']}\n{body.get_content() if body else ''}"

    return read


def mail_parser() -> Read:
    import mailparser

    def read(path: str) -> str:
        mail = mailparser.parse_from_file(path)
        return f"{mail.subject}\n{mail.body}"

    return read


def docutils() -> Read:
    from docutils.core import publish_doctree

    return lambda path: str(publish_doctree(_text(path), settings_overrides={"report_level": 5}).astext())


def ebooklib() -> Read:
    from bs4 import BeautifulSoup
    from ebooklib import ITEM_DOCUMENT, epub

    def read(path: str) -> str:
        pages = epub.read_epub(path, {"ignore_ncx": True}).get_items_of_type(ITEM_DOCUMENT)
        return "\n".join(BeautifulSoup(page.get_content(), "lxml").get_text(" ") for page in pages)

    return read


LIBRARIES: dict[str, dict[str, Callable[[], Read]]] = {
    "pdf": {"pypdfium2": pypdfium2, "pypdf": pypdf, "pdfminer.six": pdfminer, "pdfplumber": pdfplumber},
    "docx": {
        "python-docx": python_docx,
        "mammoth": mammoth,
        "docx2txt": docx2txt,
        "docx2python": docx2python,
    },
    "xlsx": {"openpyxl": openpyxl, "calamine": calamine},
    "xls": {"xlrd": xlrd, "calamine": calamine},
    "ods": {"calamine": calamine},
    "pptx": {"python-pptx": python_pptx},
    "html": {
        "selectolax": selectolax,
        "beautifulsoup lxml": partial(beautifulsoup, "lxml"),
        "beautifulsoup html.parser": partial(beautifulsoup, "html.parser"),
        "trafilatura": trafilatura,
    },
    "md": {"markdown-it-py": markdown_it, "mistune": mistune},
    "eml": {"email (standard library)": stdlib_email, "mail-parser": mail_parser},
    "rst": {"docutils": docutils},
    "epub": {"ebooklib": ebooklib},
}


def _row(cells: Iterable[object]) -> str:
    return " ".join(str(cell) for cell in cells if cell not in (None, ""))


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8", errors="replace")


def main() -> None:
    """Answer until standard input ends."""
    readers = {name: make for libraries in LIBRARIES.values() for name, make in libraries.items()}
    answer_lines(partial(read_answer, readers[sys.argv[1]]()))


if __name__ == "__main__":
    main()
