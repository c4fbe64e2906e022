"""Builds the DOCX and PDF pages from sources/ and writes documents.jsonl. Same input, same bytes."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from fnmatch import fnmatch
from pathlib import Path
from typing import NamedTuple

import docx
import yaml
from docx.document import Document
from fpdf import FPDF

HERE = Path(__file__).parent
PAGES = HERE / "pages"
COMPANY = "Skerrow Instruments"
EMPHASIS = re.compile(r"\*+(.+?)\*+")


class Block(NamedTuple):
    kind: str  # heading, bullet, number, table or paragraph
    text: str
    rows: tuple[tuple[str, ...], ...] = ()


def front_matter(source: str) -> tuple[dict[str, str], str]:
    _, head, body = source.split("---\n", 2)
    pairs = (line.split(": ", 1) for line in head.splitlines())
    return {key: value.strip() for key, value in pairs}, body


def blocks(body: str) -> Iterator[Block]:
    for chunk in re.split(r"\n\s*\n", body.strip()):
        lines = chunk.splitlines()
        if lines[0].startswith("|"):
            cells = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
            yield Block("table", "", tuple(row for row in cells if set("".join(row)) - set("-")))
            continue
        for line in lines:
            yield line_block(line)


def line_block(line: str) -> Block:
    for kind, mark in (("heading", r"## "), ("bullet", r"- "), ("number", r"\d+\. ")):
        if found := re.match(mark, line):
            return Block(kind, line[found.end() :])
    return Block("paragraph", line)


def when(meta: dict[str, str]) -> datetime:
    return datetime.fromisoformat(meta["updated"]).replace(hour=9, tzinfo=UTC)


class Sheet(FPDF):
    """A page with the running title above and the page number below."""

    running_title = ""

    def header(self) -> None:
        self.set_font("helvetica", "I", 9)
        self.cell(0, 6, f"{COMPANY} - {self.running_title}", align="R", new_x="LMARGIN", new_y="NEXT")
        self.ln(4)

    def footer(self) -> None:
        self.set_y(-16)
        self.set_font("helvetica", "", 9)
        self.cell(0, 6, f"Page {self.page_no()} of {{nb}}", align="C")


def write_pdf(meta: dict[str, str], body: str, target: Path) -> None:
    sheet = Sheet(format="A4")
    sheet.running_title = meta["title"]
    sheet.set_title(meta["title"])
    sheet.set_author(meta["owner"])
    sheet.set_creation_date(when(meta))
    sheet.set_margins(25, 20)
    sheet.set_auto_page_break(True, 24)
    sheet.add_page()
    pdf_text(sheet, meta["title"], size=18, style="B")
    pdf_text(sheet, f"Owner: {meta['owner']}. Last change: {meta['updated']}.", size=9)
    counter = 0
    for block in blocks(body):
        counter = counter + 1 if block.kind == "number" else 0
        pdf_block(sheet, block, counter)
    sheet.output(str(target))


def pdf_block(sheet: Sheet, block: Block, counter: int) -> None:
    text = EMPHASIS.sub(r"\1", block.text)
    if block.kind == "table":
        pdf_table(sheet, block.rows)
    elif block.kind == "heading":
        sheet.ln(2)
        pdf_text(sheet, text, size=13, style="B")
    elif block.kind == "paragraph":
        pdf_text(sheet, text)
    else:
        pdf_text(sheet, f"{counter}. {text}" if counter else f"\x95 {text}", indent=5)


def pdf_text(sheet: Sheet, text: str, size: int = 11, style: str = "", indent: int = 0) -> None:
    sheet.set_font("helvetica", style, size)
    sheet.set_x(sheet.l_margin + indent)
    sheet.multi_cell(0, size * 0.5, text, align="L", new_x="LMARGIN", new_y="NEXT")
    sheet.ln(1 if indent else 2)


def pdf_table(sheet: Sheet, rows: tuple[tuple[str, ...], ...]) -> None:
    sheet.set_font("helvetica", "", 10)
    with sheet.table(text_align="LEFT", line_height=6) as table:
        for row in rows:
            table.row(row)
    sheet.ln(3)


def write_docx(meta: dict[str, str], body: str, target: Path) -> None:
    document = docx.Document()
    properties = document.core_properties
    properties.title, properties.author = meta["title"], meta["owner"]
    properties.last_modified_by, properties.comments = meta["owner"], ""
    properties.created = properties.modified = when(meta)
    document.add_heading(meta["title"], 0)
    for block in blocks(body):
        docx_block(document, block)
    buffer = io.BytesIO()
    document.save(buffer)
    target.write_bytes(same_zip(buffer.getvalue()))


def docx_block(document: Document, block: Block) -> None:
    if block.kind == "table":
        docx_table(document, block.rows)
        return
    styles = {"heading": "Heading 1", "bullet": "List Bullet", "number": "List Number"}
    paragraph = document.add_paragraph(style=styles.get(block.kind, "Normal"))
    for index, piece in enumerate(EMPHASIS.split(block.text)):
        paragraph.add_run(piece).italic = index % 2 == 1


def docx_table(document: Document, rows: tuple[tuple[str, ...], ...]) -> None:
    table = document.add_table(rows=0, cols=len(rows[0]), style="Table Grid")
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text


def same_zip(data: bytes) -> bytes:
    """The same archive without the clock in it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, old.read(name))
    return out.getvalue()


def page_title(path: Path, built: dict[str, str]) -> str:
    relative = path.relative_to(PAGES).as_posix()
    if path.suffix == ".md":
        return front_matter(path.read_text(encoding="utf-8"))[0]["title"]
    if path.suffix == ".html":
        found = re.search(r"<h1>(.+?)</h1>", path.read_text(encoding="utf-8"))
        return found[1] if found else relative
    return built[relative]


def groups_of(relative: str, rules: list[dict[str, list[str]]]) -> list[str]:
    matches = (rule["groups"] for rule in rules if any(fnmatch(relative, glob) for glob in rule["paths"]))
    return next(matches, [])


def write_documents(built: dict[str, str]) -> None:
    rules = yaml.safe_load((PAGES / "access.yaml").read_text(encoding="utf-8"))
    rows = []
    for path in sorted(p for p in PAGES.rglob("*") if p.is_file() and p.name != "access.yaml"):
        name = path.relative_to(PAGES).as_posix()
        row = {"id": name, "title": page_title(path, built), "text": "", "path": f"pages/{name}"}
        rows.append(json.dumps({**row, "groups": groups_of(name, rules)}, ensure_ascii=False))
    (HERE / "documents.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")


def main() -> None:
    built: dict[str, str] = {}
    for source in sorted((HERE / "sources").rglob("*.md")):
        meta, body = front_matter(source.read_text(encoding="utf-8"))
        target = PAGES / meta["output"]
        target.parent.mkdir(parents=True, exist_ok=True)
        write = write_pdf if target.suffix == ".pdf" else write_docx
        write(meta, body, target)
        built[meta["output"]] = meta["title"]
    write_documents(built)


if __name__ == "__main__":
    main()
