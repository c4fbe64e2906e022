"""The tables with their questions, the files made of them, and the judging of passages."""

import io
from pathlib import Path
from typing import Any

import docx
import pypdfium2
import pytest
from openpyxl import load_workbook
from selectolax.lexbor import LexborHTMLParser

from evals import table_files
from evals.table_data import ABOVE, LEFT, CellQuestion, Table, filled, load_tables
from evals.tables import score
from state.errors import KairosError
from state.passages import PassageData

FOLDER = Path(__file__).parents[2] / "evals" / "datasets" / "tables"
TABLES = load_tables(FOLDER)
SMALL = """
title: Boats
about: Two of them.
caption: Boats by year
kind: two_headers
labels: 2
header: |
  Pier | Boat | 2024 | <
  ^ | ^ | Trips | Guests
rows: |
  West | Gull | 12 | 1,340
  ^ | Tern | 9 | 87
questions:
  - {question: "How many guests had the Tern in 2024?", row: [West, Tern], column: ["2024", Guests]}
"""


@pytest.fixture
def small(tmp_path: Path) -> Table:
    (tmp_path / "boats.yaml").write_text(SMALL)
    return load_tables(tmp_path)["boats"]


def passage(text: str, *headings: str) -> PassageData:
    return PassageData(
        id="1",
        merged=[],
        document_id=1,
        version=1,
        document="d",
        title="t",
        text=text,
        start=0,
        page=None,
        page_starts=[],
        headings=list(headings),
        score=1,
    )


def test_there_are_twenty_tables_with_a_hundred_questions() -> None:
    questions = [question.question for table in TABLES.values() for question in table.questions]
    assert len(TABLES) == 20
    assert len(set(questions)) == len(questions) == 100
    assert {table.kind for table in TABLES.values()} == {"plain", "two_headers", "merged", "wide", "long"}


@pytest.mark.parametrize("name", TABLES)
def test_a_value_stands_once_in_its_row_and_its_column_has_a_name_of_its_own(name: str) -> None:
    table = TABLES[name]
    for question in table.questions:
        value = table.value(question)
        (row,) = (row for row in filled(table.rows) if row[: table.labels] == question.row)
        assert row.count(value) == 1
        assert value not in (*question.row, *question.column)


def test_long_tables_span_chunks_and_wide_ones_have_many_columns() -> None:
    assert all(len(table.rows) >= 60 for table in TABLES.values() if table.kind == "long")
    assert all(len(table.rows[0]) > 12 for table in TABLES.values() if table.kind == "wide")
    assert all(LEFT in table.header[0] for table in TABLES.values() if table.kind == "two_headers")
    assert all(any(ABOVE in row for row in table.rows) for table in TABLES.values() if table.kind == "merged")


def test_merged_cells_have_their_text_in_all_places(small: Table) -> None:
    assert filled(small.header) == (("Pier", "Boat", "2024", "2024"), ("Pier", "Boat", "Trips", "Guests"))
    assert small.value(small.questions[0]) == "87"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("  ^ | Tern | 9 | 87", "  ^ | Tern | 9", "same number of cells"),
        ("[West, Tern]", "[West, Skua]", "0 rows"),
        ("kind: two_headers", "kind: odd", "kind"),
        ("labels: 2", "labels: [", "cannot be read"),
    ],
)
def test_a_fault_names_the_file(tmp_path: Path, old: str, new: str, words: str) -> None:
    (tmp_path / "boats.yaml").write_text(SMALL.replace(old, new))
    with pytest.raises(KairosError, match=words) as error:
        load_tables(tmp_path)
    assert "boats.yaml" in error.value.sentence


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KairosError, match=r"no \*.yaml file"):
        load_tables(tmp_path)


def test_a_workbook_has_merged_cells_and_numbers(small: Table) -> None:
    sheet: Any = load_workbook(io.BytesIO(table_files.xlsx(small))).worksheets[0]
    assert {str(area) for area in sheet.merged_cells.ranges} == {"A3:A4", "B3:B4", "C3:D3", "A5:A6"}
    assert [cell.value for cell in sheet[6]][1:] == ["Tern", 9, 87]
    assert sheet["D5"].value == "1,340"


def test_a_word_file_has_merged_cells_and_a_repeated_header(small: Table) -> None:
    made = docx.Document(io.BytesIO(table_files.docx(small))).tables[0]
    assert [cell.text for cell in made.rows[1].cells] == ["Pier", "Boat", "Trips", "Guests"]
    assert [cell.text for cell in made.rows[3].cells] == ["West", "Tern", "9", "87"]
    assert made._tbl.xml.count("w:tblHeader") == 2


def test_a_page_has_spans(small: Table) -> None:
    tree = LexborHTMLParser(table_files.html(small))
    assert [node.attributes for node in tree.css("th")][:3] == [
        {"rowspan": "2"},
        {"rowspan": "2"},
        {"colspan": "2"},
    ]
    assert [node.text() for node in tree.css("tbody tr:last-child td")] == ["Tern", "9", "87"]


def test_a_pdf_repeats_the_header_on_its_pages() -> None:
    book = pypdfium2.PdfDocument(table_files.pdf(TABLES["town-register"]))
    texts = [page.get_textpage().get_text_range() for page in book]
    assert len(texts) > 2
    assert all("Mayor" in text and "Market day" in text for text in texts)


ROW, HEADER = "West | Tern | 9 | 87", "Pier | Boat | 2024 Trips | 2024 Guests"


@pytest.mark.parametrize(
    ("passages", "cell", "first", "row"),
    [
        ([passage(f"{HEADER}\n{ROW}")], True, True, True),
        ([passage(ROW, f"Header: {HEADER}")], True, True, True),
        ([passage("nothing"), passage(f"{HEADER}\n{ROW}")], True, False, True),
        ([passage(ROW)], False, False, True),
        ([passage(HEADER), passage(ROW)], False, False, True),
        ([passage(f"{HEADER}\nWest | Tern | 9 |\n87")], False, False, False),
        ([passage(f"{HEADER}\nTern | 9 | 87")], False, False, False),
        ([passage(f"{HEADER}\nWest | Tern | 9 | 870")], False, False, False),
        ([], False, False, False),
    ],
)
def test_row_and_header_have_to_stand_in_one_passage(
    small: Table, passages: list[PassageData], cell: bool, first: bool, row: bool
) -> None:
    found = score(small, small.questions[0], passages)
    assert (found.cell, found.first, found.row) == (cell, first, row)


def test_names_of_a_single_row_or_column_may_be_plain_strings(tmp_path: Path) -> None:
    text = (
        SMALL.replace("labels: 2", "labels: 1")
        .replace("[West, Tern]", "Gull")
        .replace('["2024", Guests]', "Boat")
    )
    one = text.replace("  Pier | Boat | 2024 | <\n  ^ | ^ | Trips | Guests", "  Boat | Year").replace(
        "  West | Gull | 12 | 1,340\n  ^ | Tern | 9 | 87", "  Gull | 2024"
    )
    (tmp_path / "boats.yaml").write_text(one.replace("column: Boat", "column: Year"))
    (table,) = load_tables(tmp_path).values()
    assert table.questions == (CellQuestion("How many guests had the Tern in 2024?", ("Gull",), ("Year",)),)
    assert table.value(table.questions[0]) == "2024"
