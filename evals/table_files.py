"""A table as a file of each format, with its merged cells merged, as people's programs write them."""

import io
from collections.abc import Callable, Iterator
from html import escape
from typing import Any, NamedTuple

from evals.table_data import ABOVE, LEFT, Grid, Table


class Cell(NamedTuple):
    """A cell with its place (from 0), and how many columns and rows it covers."""

    row: int
    column: int
    text: str
    wide: int
    high: int


def cells(grid: Grid) -> Iterator[Cell]:
    """The cells of a grid, each merged one once, at its upper left corner."""
    for r, row in enumerate(grid):
        for c, text in enumerate(row):
            if text in (LEFT, ABOVE):
                continue
            wide, high = 1, 1
            while c + wide < len(row) and row[c + wide] == LEFT:
                wide += 1
            while r + high < len(grid) and grid[r + high][c] == ABOVE:
                high += 1
            yield Cell(r, c, text, wide, high)


def xlsx(table: Table) -> bytes:
    """A workbook: the caption above the table, numbers as numbers."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = table.title[:31]
    sheet.cell(1, 1, table.caption)
    for cell in cells((*table.header, *table.rows)):
        row, column = cell.row + 3, cell.column + 1
        sheet.cell(row, column, _number(cell.text))
        if cell.wide * cell.high > 1:
            sheet.merge_cells(
                start_row=row,
                start_column=column,
                end_row=row + cell.high - 1,
                end_column=column + cell.wide - 1,
            )
    return _saved(book.save)


def docx(table: Table) -> bytes:
    """A document: heading, a paragraph, the caption, the table with header rows that repeat."""
    from docx import Document
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    document = Document()
    document.add_heading(table.title, 1)
    document.add_paragraph(table.about)
    document.add_paragraph(table.caption, style="Caption")
    grid = (*table.header, *table.rows)
    made = document.add_table(len(grid), len(grid[0]), style="Table Grid")
    for cell in cells(grid):
        place = made.cell(cell.row, cell.column)
        if cell.wide * cell.high > 1:
            place = place.merge(made.cell(cell.row + cell.high - 1, cell.column + cell.wide - 1))
        place.text = cell.text
    for row in made.rows[: len(table.header)]:
        mark = OxmlElement("w:tblHeader")
        mark.set(qn("w:val"), "true")
        row._tr.get_or_add_trPr().append(mark)
    return _saved(document.save)


def html(table: Table) -> bytes:
    """A page with a table of thead and tbody."""
    parts = (("thead", "th", table.header), ("tbody", "td", table.rows))
    body = "".join(f"<{part}>{_html_rows(grid, tag)}</{part}>" for part, tag, grid in parts)
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(table.title)}</title></head>'
        f"<body><main><h1>{escape(table.title)}</h1><p>{escape(table.about)}</p>"
        f"<table><caption>{escape(table.caption)}</caption>{body}</table></main></body></html>"
    ).encode()


def pdf(table: Table) -> bytes:
    """Ruled tables on A4, landscape if wide; the header repeats on every page."""
    from fpdf import FPDF, FontFace

    wide = len(table.rows[0]) > 8
    sheet = FPDF(orientation="landscape" if wide else "portrait", format="A4")
    sheet.set_title(table.title)
    sheet.add_page()
    for text, style, size in ((table.title, "B", 16), (table.about, "", 11), (table.caption, "I", 10)):
        sheet.set_font("helvetica", style, size)
        sheet.multi_cell(0, size * 0.6, text, new_x="LMARGIN", new_y="NEXT")
        sheet.ln(2)
    sheet.set_font("helvetica", "", 7 if wide else 10)
    grid = (*table.header, *table.rows)
    drawn = sheet.table(num_heading_rows=len(table.header), headings_style=FontFace(emphasis="BOLD"))
    with drawn as made:
        lines = [made.row() for _ in grid]
        for cell in cells(grid):
            lines[cell.row].cell(cell.text, colspan=cell.wide, rowspan=cell.high)
    return bytes(sheet.output())


FORMATS: dict[str, Callable[[Table], bytes]] = {"xlsx": xlsx, "docx": docx, "html": html, "pdf": pdf}


def _html_rows(grid: Grid, tag: str) -> str:
    rows = [""] * len(grid)
    for cell in cells(grid):
        spans = f' colspan="{cell.wide}"' * (cell.wide > 1) + f' rowspan="{cell.high}"' * (cell.high > 1)
        rows[cell.row] += f"<{tag}{spans}>{escape(cell.text)}</{tag}>"
    return "".join(f"<tr>{row}</tr>" for row in rows)


def _number(text: str) -> str | int | float:
    """What a person would have typed as a number; "1,234" is text, as its form could not be kept."""
    for kind in (int, float):
        try:
            if str(kind(text)) == text:
                return kind(text)
        except ValueError:
            continue
    return text


def _saved(save: Callable[[Any], None]) -> bytes:
    file = io.BytesIO()
    save(file)
    return file.getvalue()
